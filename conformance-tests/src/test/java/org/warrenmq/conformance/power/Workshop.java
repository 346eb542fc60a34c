package org.warrenmq.conformance.power;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.warrenmq.conformance.FileTree;

/**
 * A folder in which disks are made, with the programs for that. Whatever is mounted below it is
 * unmounted at its end, and at the end of this process if that comes first. Used by the test
 * thread.
 */
final class Workshop implements AutoCloseable {
  final Path folder;

  /** The disk that logs, see its source. */
  final Path loggedDisk;

  /** Builds disks as cuts leave them, see its source. */
  final Path diskReplay;

  private final Thread atTheEnd = Thread.ofPlatform().unstarted(this::tearDown);

  private Workshop(Path folder) throws Exception {
    this.folder = folder;
    Runtime.getRuntime().addShutdownHook(atTheEnd);
    String[] fuse = Shell.run("pkg-config", "--cflags", "--libs", "fuse3").split("\\s+");
    this.loggedDisk = compile("logged-disk", fuse);
    this.diskReplay = compile("disk-replay");
  }

  /** Opens one, or skips the test visibly where disks cannot be made. */
  static Workshop open(FileSystem fileSystem) throws Exception {
    assumeTrue(
        System.getProperty("user.name").equals("root"), "disks are made and mounted: root only");
    assumeTrue(Files.exists(Path.of("/dev/fuse")), "the logged disk takes FUSE: no /dev/fuse");
    for (String program :
        List.of("cc", "pkg-config", "losetup", "fusermount3", fileSystem.maker())) {
      assumeTrue(Shell.succeeds("which", program), "there is no program '" + program + "'");
    }
    assumeTrue(
        Shell.succeeds("pkg-config", "--exists", "fuse3"),
        "the logged disk is a C program on libfuse3, and its headers are not there");
    assumeTrue(Shell.succeeds("losetup", "-f"), "there is no loop device");
    return new Workshop(Files.createTempDirectory(PowerSettings.folder(), "warren-power"));
  }

  private Path compile(String name, String... libraries) throws Exception {
    Path source = folder.resolve(name + ".c");
    try (InputStream code = Workshop.class.getResourceAsStream("/" + name + ".c")) {
      Files.copy(code, source);
    }
    Path program = folder.resolve(name);
    var command = new ArrayList<Object>(List.of("cc", "-O2", "-o", program, source));
    command.addAll(List.of(libraries));
    command.add("-lpthread");
    Shell.run(command.toArray());
    return program;
  }

  /** A new folder for other things. */
  Path shelf(String name) throws IOException {
    return Files.createDirectory(folder.resolve(name));
  }

  @Override
  public void close() {
    tearDown();
    Runtime.getRuntime().removeShutdownHook(atTheEnd);
  }

  private void tearDown() {
    try {
      unmountAll();
      detachAll();
      FileTree.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** What was mounted last goes first; whoever still works there has come from here. */
  private void unmountAll() throws Exception {
    List<String> mounted =
        Files.readAllLines(Path.of("/proc/self/mounts")).stream()
            .map(line -> line.split(" ")[1])
            .filter(point -> point.startsWith(folder + "/"))
            .toList();
    if (!mounted.isEmpty()) {
      ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
    }
    for (String point : mounted.reversed()) {
      if (!Shell.succeeds("umount", point)) {
        Shell.run("umount", "-l", point);
      }
    }
  }

  private void detachAll() throws Exception {
    for (String line : Shell.run("losetup", "-l", "-n", "-O", "NAME,BACK-FILE").split("\n")) {
      if (line.contains(folder + "/")) {
        Shell.run("losetup", "-d", line.split(" ")[0]);
      }
    }
  }
}
