package org.warrenmq.conformance.crash;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * A small C library among the test's resources that is compiled here and loaded into a broker, in
 * front of the C library's own calls. Immutable.
 *
 * @param file what {@code LD_PRELOAD} names
 */
record PreloadedLibrary(Path file) {

  /** Compiles the source of that name, or skips the test visibly where that cannot be done. */
  static PreloadedLibrary compile(String name, Path workshop) throws Exception {
    assumeTrue(
        System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("linux"),
        "a library is loaded into the broker, on Linux only");
    Path source = workshop.resolve(name + ".c");
    try (InputStream code = PreloadedLibrary.class.getResourceAsStream("/" + name + ".c")) {
      Files.copy(code, source);
    }
    Path library = workshop.resolve(name + ".so");
    assumeTrue(
        succeeds(
            List.of("cc", "-shared", "-fPIC", "-O2", "-o", library.toString(), source.toString())),
        "a C library is loaded into the broker, and there is no working 'cc'");
    return new PreloadedLibrary(library);
  }

  private static boolean succeeds(List<String> command) throws InterruptedException {
    try {
      Process process = new ProcessBuilder(command).inheritIO().start();
      return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
