package org.warrenmq.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Folders that nobody but their owner may look into: messages lie in them, and the definitions of
 * others' queues. What RocksDB and others make in them has the rights that the process gives to new
 * files; as nobody else gets there, those need not be right. On the caller's thread; stateless.
 *
 * <p>Where the system knows no such rights, folders are what it makes of them.
 */
final class PrivateFolder {
  private static final Logger log = LoggerFactory.getLogger(PrivateFolder.class);
  private static final Set<PosixFilePermission> OWNERS =
      PosixFilePermissions.fromString("rwx------");

  private PrivateFolder() {}

  private static boolean hasRights(Path folder) {
    return folder.getFileSystem().supportedFileAttributeViews().contains("posix");
  }

  /** Makes a folder, if it is missing, and those above it, each to stay. */
  static void create(Path folder) throws IOException {
    if (hasRights(folder)) {
      Fsync.createFolders(folder, PosixFilePermissions.asFileAttribute(OWNERS));
    } else {
      Fsync.createFolders(folder);
    }
  }

  /** Takes all rights to a folder from others; it has to be known for ours. */
  static void close(Path folder) throws IOException {
    if (!hasRights(folder)) {
      return;
    }
    Set<PosixFilePermission> rights = Files.getPosixFilePermissions(folder);
    if (OWNERS.containsAll(rights)) {
      return;
    }
    String before = PosixFilePermissions.toString(rights);
    Set<PosixFilePermission> kept = EnumSet.copyOf(OWNERS);
    kept.retainAll(rights);
    try {
      Files.setPosixFilePermissions(folder, kept);
      log.warn(
          "{} was open to other users of this machine ({}) and is not any more", folder, before);
    } catch (IOException e) {
      log.warn("{} is open to other users of this machine ({}): {}", folder, before, e.toString());
    }
  }
}
