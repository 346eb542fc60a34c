package org.warrenmq.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes files and the names of files to the disk, beyond the cache of the operating system: a file
 * that was synced is lost all the same if the folder that holds its name was not. On the caller's
 * thread; stateless.
 */
final class Fsync {
  private static final Logger log = LoggerFactory.getLogger(Fsync.class);

  private Fsync() {}

  /** The content of a file. */
  static void file(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  /** The content of a file that may have failed to reach the disk: written once more, elsewhere. */
  static void rewrite(Path file) throws IOException {
    Path copy = file.resolveSibling(file.getFileName() + ".rewritten");
    Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
    file(copy);
    Files.move(copy, file, StandardCopyOption.ATOMIC_MOVE);
    name(file);
  }

  /** The names in a folder. */
  static void folder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** The name of a file or folder. */
  static void name(Path path) throws IOException {
    Path parent = path.toAbsolutePath().getParent();
    if (parent != null) {
      folder(parent);
    }
  }

  /**
   * Makes a folder and those above it that are missing, each to stay.
   *
   * @param attributes of the folder itself, if it is missing
   */
  static void createFolders(Path folder, FileAttribute<?>... attributes) throws IOException {
    @Nullable Path parent = folder.toAbsolutePath().getParent();
    if (parent != null && !Files.exists(parent)) {
      createFolders(parent);
    }
    Files.createDirectories(folder, attributes);
    try {
      name(folder);
    } catch (AccessDeniedException e) {
      // Its owner made it and may not read the folder that holds it: then others see to that.
      log.debug("not synced: {}", e.getFile());
    }
  }
}
