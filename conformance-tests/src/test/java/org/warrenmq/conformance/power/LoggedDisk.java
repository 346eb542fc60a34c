package org.warrenmq.conformance.power;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * A file system on a disk whose every write and flush is logged, from a moment when it is idle
 * until it is unmounted. What comes after that is a {@link Replay}. Used by the test thread.
 */
final class LoggedDisk implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(10);

  /** Sparse: it costs what is written to it. */
  private static final String SIZE = "1500M";

  /** The disk as it is. */
  private final Path image;

  /** The folder with the one file that logs. */
  private final Path fuse;

  private final Process program;
  private final String loop;
  private boolean closed;

  /** The disk as it was at first. */
  final Path base;

  final Path log;

  /** Where it is mounted. */
  final Path at;

  private LoggedDisk(Workshop workshop, FileSystem fileSystem, Path image, String name)
      throws Exception {
    this.image = image;
    this.base = workshop.folder.resolve(name + ".base");
    this.log = workshop.folder.resolve(name + ".log");
    this.fuse = Files.createDirectories(workshop.folder.resolve(name + ".fuse"));
    this.at = Files.createDirectories(workshop.folder.resolve(name + ".mount"));
    Shell.run("cp", "--sparse=always", image, base);
    program =
        new ProcessBuilder(
                workshop.loggedDisk.toString(), fuse.toString(), image.toString(), log.toString())
            .inheritIO()
            .start();
    Path disk = fuse.resolve("disk");
    Awaitility.await("the logged disk").atMost(LIMIT).until(() -> Files.exists(disk));
    loop = Shell.run("losetup", "--direct-io=on", "-f", "--show", disk);
    Shell.run("mount", "-o", fileSystem.options, loop, at);
  }

  /** With a new file system. */
  static LoggedDisk empty(Workshop workshop, FileSystem fileSystem, String name) throws Exception {
    Path image = workshop.folder.resolve(name + ".image");
    Files.deleteIfExists(image);
    Shell.run("truncate", "-s", SIZE, image);
    fileSystem.make(image);
    return new LoggedDisk(workshop, fileSystem, image, name);
  }

  /** With what is in an image, which it keeps. */
  static LoggedDisk of(Workshop workshop, FileSystem fileSystem, Path image, String name)
      throws Exception {
    fileSystem.repair(image);
    return new LoggedDisk(workshop, fileSystem, image, name);
  }

  /** Unmounts it; the log is complete then. Its files go with the workshop, or with the next. */
  @Override
  public void close() throws Exception {
    if (closed) {
      return;
    }
    closed = true;
    Shell.run("umount", at);
    Shell.run("losetup", "-d", loop);
    Shell.run("fusermount3", "-u", fuse);
    if (!program.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
      throw new IOException("the logged disk does not end");
    }
    Files.delete(image);
  }
}
