package org.warrenmq.conformance.crash;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A file system in memory with a size of its own, which takes a user who may mount one. Used by the
 * test thread.
 *
 * @param path where it is mounted
 */
record SmallDisk(Path path) {

  /** Mounts one, or skips the test visibly where that is forbidden. */
  static SmallDisk mount(Path where, int mebibytes) throws Exception {
    assumeTrue(
        succeeds(
            "mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m", "tmpfs", where.toString()),
        "a small disk takes a user who may mount tmpfs");
    return new SmallDisk(where);
  }

  /** Makes it larger or smaller with all that is on it. */
  void resize(int mebibytes) throws Exception {
    require("mount", "-o", "remount,size=" + mebibytes + "m", path.toString());
  }

  void unmount() throws Exception {
    require("umount", path.toString());
  }

  private static void require(String... command) throws Exception {
    if (!succeeds(command)) {
      throw new IOException(String.join(" ", command) + " failed");
    }
  }

  private static boolean succeeds(String... command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().transferTo(System.out);
      return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
