package org.warrenmq.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The small text file that says what a folder is and in which version, read before anything else is
 * touched. Used on the opener's thread, for one start.
 */
final class FormatFile implements AutoCloseable {
  static final String NAME = "FORMAT";

  /** Version of the layout of folders, column families and keys, and of what records may hold. */
  static final int VERSION = 5;

  /** Stores from this version on open as well, and are brought to the present one. */
  static final int OLDEST = 2;

  /** What it is called until a new store is there as a whole. */
  private static final String UNFINISHED = "FORMAT.new";

  /** The same in a copy, and of a store that is brought to this version. */
  private static final String COPIED = "FORMAT.copy";

  private static final Pattern CONTENT = Pattern.compile("warrenmq-store (\\d{1,9})\\s*");

  private final Path folder;

  /** Locked while a new store is being made, so that two who begin do not mix; else null. */
  private final @Nullable FileChannel unfinished;

  private final int version;

  private FormatFile(Path folder, @Nullable FileChannel unfinished, int version) {
    this.folder = folder;
    this.unfinished = unfinished;
    this.version = version;
  }

  /**
   * Accepts a store of this version or one before and refuses everything else; an empty folder is
   * taken, and one of a first start that was cut short is empty again. To be {@link #finish
   * finished}, or closed.
   */
  static FormatFile begin(Path folder) throws IOException {
    if (!Files.exists(folder.resolve(NAME))) {
      FileChannel unfinished = lockUnfinished(folder);
      // Another process may have finished meanwhile.
      if (!Files.exists(folder.resolve(NAME))) {
        Store.wipe(folder.resolve(Store.MAIN));
        return new FormatFile(folder, unfinished, VERSION);
      }
      unfinished.close();
    }
    return new FormatFile(folder, null, check(folder));
  }

  private static int check(Path folder) throws IOException {
    Path file = folder.resolve(NAME);
    String text = Files.size(file) > 100 ? "" : Files.readString(file, StandardCharsets.ISO_8859_1);
    Matcher content = CONTENT.matcher(text);
    if (!content.matches()) {
      throw foreign(folder);
    }
    int version = Integer.parseInt(content.group(1));
    if (version > VERSION || version < OLDEST) {
      throw new StoreException(
          "The store in %s has format version %d, this program reads and writes version %d."
              .formatted(folder, version, VERSION));
    }
    if (!Files.isDirectory(folder.resolve(Store.MAIN))) {
      throw Store.damaged(folder, "its folder %s is missing".formatted(Store.MAIN), null);
    }
    return version;
  }

  /** Only in a folder nobody else uses; nothing was answered from a store that was not finished. */
  private static FileChannel lockUnfinished(Path folder) throws IOException {
    Path path = folder.resolve(UNFINISHED);
    if (!Files.exists(path)) {
      try (Stream<Path> present = Files.list(folder)) {
        if (present.anyMatch(other -> !other.getFileName().toString().equals("lost+found"))) {
          throw foreign(folder);
        }
      }
    }
    FileChannel channel =
        FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (!isLocked(channel)) {
      channel.close();
      throw new StoreException(
          "The store in %s is in use by another process (which begins it).".formatted(folder));
    }
    if (Files.exists(folder.resolve(NAME))) {
      // Another process has finished meanwhile, and this may be the file it made.
      return channel;
    }
    channel.write(ByteBuffer.wrap(content().getBytes(StandardCharsets.US_ASCII)));
    channel.force(true);
    Fsync.folder(folder);
    return channel;
  }

  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  /** True for a store that has to be brought to the present version. */
  boolean isOld() {
    return version != VERSION;
  }

  /** The store is there as a whole, and so from now on, whatever happens. */
  void finish() throws IOException {
    if (unfinished != null) {
      rename(folder, UNFINISHED);
    }
    close();
  }

  @Override
  public void close() throws IOException {
    if (unfinished != null) {
      unfinished.close();
    }
  }

  /**
   * The same for a copy, which nobody goes on with if it is cut short, and for a store that was
   * brought to this version.
   */
  static void write(Path folder) throws IOException {
    Path copied = folder.resolve(COPIED);
    Files.writeString(copied, content());
    Fsync.file(copied);
    rename(folder, COPIED);
  }

  private static void rename(Path folder, String from) throws IOException {
    Fsync.folder(folder);
    Path file = folder.resolve(NAME);
    Files.move(folder.resolve(from), file, StandardCopyOption.ATOMIC_MOVE);
    Fsync.name(file);
  }

  private static String content() {
    return "warrenmq-store " + VERSION + "\n";
  }

  private static StoreException foreign(Path folder) {
    return new StoreException(
        "The folder %s is not empty and does not hold a store of WarrenMQ (format version %d)."
            .formatted(folder, VERSION));
  }
}
