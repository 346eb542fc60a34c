package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.warrenmq.conformance.crash.SyncedState.Names;

/**
 * A folder of which it is known what processes have synced, by a small library that is loaded into
 * them one after the other; so that it can be copied as a power cut would have left it. Used by the
 * test thread.
 */
final class SyncedDisk {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int CONTROL_SIZE = 8;
  private static final int WAITING_AT = 4;

  private final PreloadedLibrary library;
  private final Path journal;
  private final Path control;

  /** All that is written down lies below it. */
  final Path folder;

  private SyncedDisk(PreloadedLibrary library, Path journal, Path control, Path folder) {
    this.library = library;
    this.journal = journal;
    this.control = control;
    this.folder = folder;
  }

  /** What is in small files that are written in place, as through a mapping. */
  enum Words {
    /** What was there when they were synced last. */
    STALE,
    /** What was there at the end: the system may write pages at any time. */
    FRESH
  }

  /** Compiles the library, or skips the test visibly; the folder is made. */
  static SyncedDisk in(Path workshop) throws Exception {
    PreloadedLibrary library = PreloadedLibrary.compile("synced-disk", workshop);
    Path journal = Files.createFile(workshop.resolve("journal"));
    Path control = Files.write(workshop.resolve("control"), new byte[CONTROL_SIZE]);
    // As the kernel names it.
    Path folder = Files.createDirectory(workshop.toRealPath().resolve("disk"));
    return new SyncedDisk(library, journal, control, folder);
  }

  /** For the processes whose disk this is. */
  Map<String, String> environment() {
    return Map.of(
        "LD_PRELOAD", library.file().toString(),
        "WARREN_DISK_FOLDER", folder.toString(),
        "WARREN_DISK_JOURNAL", journal.toString(),
        "WARREN_DISK_CONTROL", control.toString());
  }

  // ---------------------------------------------------------------- syncs that are held

  /** From now on no sync of a file gets to the disk, until the process is killed or released. */
  void hold() throws IOException {
    command(1);
  }

  /** What the killed left behind in the shared file is forgotten as well. */
  void release() throws IOException {
    command(0);
  }

  private void command(int held) throws IOException {
    ByteBuffer words = ByteBuffer.allocate(CONTROL_SIZE).order(ByteOrder.nativeOrder());
    try (FileChannel channel = FileChannel.open(control, StandardOpenOption.WRITE)) {
      channel.write(words.putInt(0, held), 0);
    }
  }

  /** Waits until a sync is held: what was to be synced has been written then. */
  void awaitHeld() {
    Awaitility.await("a sync that is held")
        .atMost(LIMIT)
        .pollInterval(Duration.ofMillis(2))
        .until(() -> waiting() > 0);
  }

  private int waiting() throws IOException {
    byte[] words = Files.readAllBytes(control);
    return ByteBuffer.wrap(words).order(ByteOrder.nativeOrder()).getInt(WAITING_AT);
  }

  // ---------------------------------------------------------------- after a cut

  SyncedState state() throws IOException {
    return SyncedState.read(folder, journal);
  }

  /** The newest write-ahead log of a store in this folder. */
  static Path newestLog(Path data) throws IOException {
    try (Stream<Path> files = Files.list(data.resolve("main"))) {
      return files.filter(file -> file.toString().endsWith(".log")).sorted().toList().getLast();
    }
  }

  /**
   * Makes a folder of what of this one is there after a power cut: files as far as they were
   * synced, under names that are safe.
   */
  void cut(Path to, Names names, Words words) throws IOException {
    SyncedState state = state();
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path path, BasicFileAttributes attributes)
              throws IOException {
            if (!state.isThere(path, names)) {
              return FileVisitResult.SKIP_SUBTREE;
            }
            Files.createDirectory(to.resolve(folder.relativize(path)));
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            if (attributes.isRegularFile() && state.isThere(file, names)) {
              copy(file, to.resolve(folder.relativize(file)), state, words);
            }
            return FileVisitResult.CONTINUE;
          }
        });
  }

  private static void copy(Path file, Path to, SyncedState state, Words words) throws IOException {
    byte[] content = state.content(file);
    if (words == Words.STALE && content != null) {
      Files.write(to, content);
      return;
    }
    Files.copy(file, to);
    try (FileChannel channel = FileChannel.open(to, StandardOpenOption.WRITE)) {
      assertThat(channel.size()).as("octets of %s", file).isGreaterThanOrEqualTo(state.size(file));
      channel.truncate(state.size(file));
    }
  }
}
