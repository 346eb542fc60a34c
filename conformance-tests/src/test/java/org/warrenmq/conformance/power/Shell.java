package org.warrenmq.conformance.power;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs programs of the system to their end; stateless. */
final class Shell {
  private Shell() {}

  /**
   * Returns what the program has printed.
   *
   * @throws IOException with that, when it does not succeed
   */
  static String run(Object... command) throws Exception {
    List<String> words = List.of(command).stream().map(Object::toString).toList();
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String printed =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", words) + " failed: " + printed);
    }
    return printed;
  }

  static boolean succeeds(Object... command) throws InterruptedException {
    try {
      run(command);
      return true;
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      return false;
    }
  }
}
