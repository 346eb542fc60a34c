package org.warrenmq.conformance.power;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An image of a disk that is mounted. Used by the test thread.
 *
 * @param at where
 */
record Volume(Path at) implements AutoCloseable {

  static Volume mount(FileSystem fileSystem, Path image, Path at) throws Exception {
    Files.createDirectories(at);
    fileSystem.repair(image);
    Shell.run("mount", "-o", "loop," + fileSystem.options, image, at);
    return new Volume(at);
  }

  @Override
  public void close() throws Exception {
    Shell.run("umount", at);
  }
}
