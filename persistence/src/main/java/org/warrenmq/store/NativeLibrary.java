package org.warrenmq.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.StringJoiner;
import org.rocksdb.NativeLibraryLoader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * RocksDB's native library, which has to be unpacked into a folder from which programs may run.
 * Stateless.
 *
 * <p>By default each start unpacks it under a new name in the system's temporary folder, and a
 * killed process leaves it there. In the data folder there is never more than one; but that folder
 * may be mounted without the right to run anything, and then the temporary one serves.
 */
final class NativeLibrary {
  private static final Logger log = LoggerFactory.getLogger(NativeLibrary.class);

  private static final String ADVICE =
      "Mounted noexec? Then name another folder with -Djava.io.tmpdir in WARREN_JAVA_OPTS.";

  private NativeLibrary() {}

  /** Unpacks the library into a folder and loads it. */
  interface Loader {
    void load(Path folder) throws IOException;
  }

  /**
   * Loads it, if that is not done.
   *
   * @param own where it belongs; made when missing
   * @throws StoreException when it cannot run from there, nor from the temporary folder
   */
  static void load(Path own) {
    load(
        List.of(own, Path.of(System.getProperty("java.io.tmpdir"))),
        folder -> {
          if (folder.equals(own)) {
            unpack(Files.createDirectories(own));
          } else {
            unpackAndDelete(Files.createTempDirectory(folder, "warren"));
          }
        });
  }

  private static void unpack(Path folder) throws IOException {
    NativeLibraryLoader.getInstance().loadLibrary(folder.toString());
  }

  /** What is loaded needs its file no more. */
  private static void unpackAndDelete(Path folder) throws IOException {
    try {
      unpack(folder);
    } finally {
      Store.wipe(folder);
    }
  }

  /** The same from the first of some folders that it can run from. */
  static void load(List<Path> folders, Loader loader) {
    StringJoiner failures = new StringJoiner("; ");
    Throwable last = null;
    for (Path folder : folders) {
      try {
        loader.load(folder);
        if (last != null) {
          log.info("the native library of RocksDB runs from {}: {}", folder, failures);
        }
        return;
      } catch (IOException | UnsatisfiedLinkError e) {
        failures.add("not from %s (%s)".formatted(folder, reason(e)));
        last = e;
      }
    }
    throw new StoreException(
        "The native library of RocksDB cannot be loaded, %s. %s".formatted(failures, ADVICE), last);
  }

  /** Without the path, with which the linker's messages begin, twice. */
  private static String reason(Throwable failure) {
    String text = String.valueOf(failure.getMessage());
    return failure instanceof UnsatisfiedLinkError
        ? text.substring(text.lastIndexOf(": ") + 1).strip()
        : failure.toString();
  }
}
