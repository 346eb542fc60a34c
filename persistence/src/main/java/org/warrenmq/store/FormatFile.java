package org.warrenmq.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The small text file that says what a folder is and in which version, read before anything else is
 * touched. Used on the opener's thread; stateless.
 */
final class FormatFile {
  static final String NAME = "FORMAT";

  /** Version of the layout of folders, column families and keys. */
  static final int VERSION = 2;

  private static final String UNFINISHED = "FORMAT.new";
  private static final Pattern CONTENT = Pattern.compile("warrenmq-store (\\d{1,9})\\s*");

  private FormatFile() {}

  /** Accepts a store of this version, makes one of an empty folder, refuses everything else. */
  static void check(Path folder) throws IOException {
    Path file = folder.resolve(NAME);
    if (!Files.exists(file)) {
      create(folder);
      return;
    }
    String text = Files.size(file) > 100 ? "" : Files.readString(file, StandardCharsets.ISO_8859_1);
    Matcher content = CONTENT.matcher(text);
    if (!content.matches()) {
      throw foreign(folder);
    }
    int version = Integer.parseInt(content.group(1));
    if (version != VERSION) {
      throw new StoreException(
          "The store in %s has format version %d, this program reads and writes version %d."
              .formatted(folder, version, VERSION));
    }
  }

  /** Only in a folder nobody else uses; a first start that was cut short counts as empty. */
  private static void create(Path folder) throws IOException {
    try (Stream<Path> present = Files.list(folder)) {
      if (present
          .map(path -> path.getFileName().toString())
          .anyMatch(name -> !name.equals(UNFINISHED) && !name.equals("lost+found"))) {
        throw foreign(folder);
      }
    }
    write(folder);
  }

  /** Complete or not there at all, also after a crash. */
  static void write(Path folder) throws IOException {
    Path unfinished = folder.resolve(UNFINISHED);
    Files.writeString(unfinished, "warrenmq-store " + VERSION + "\n");
    try (FileChannel channel = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(
        unfinished,
        folder.resolve(NAME),
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
      directory.force(true);
    }
  }

  private static StoreException foreign(Path folder) {
    return new StoreException(
        "The folder %s is not empty and does not hold a store of WarrenMQ (format version %d)."
            .formatted(folder, VERSION));
  }
}
