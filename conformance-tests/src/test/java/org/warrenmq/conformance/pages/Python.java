package org.warrenmq.conformance.pages;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The Python that the examples run with, if there is one; for any thread. */
final class Python {
  /** What a page leaves to its reader. */
  private static final String CONNECTED =
      """
      import sys

      import pika

      connection = pika.BlockingConnection(pika.URLParameters(sys.argv[1]))
      channel = connection.channel()

      %s
      connection.close()
      """;

  private static final int LOOK_SECONDS = 10;

  private Python() {}

  /** Why there is none, and what helps. */
  static String missing() {
    return "needs Python 3 with pika (Debian: python3-pika; or PYTHON=path of an interpreter)";
  }

  /** An interpreter that has pika. A distribution's own one has its modules; others may not. */
  static Optional<String> withPika() {
    String named = System.getenv("PYTHON");
    return Stream.of(named == null ? "" : named, "/usr/bin/python3", "python3")
        .filter(each -> !each.isEmpty() && hasPika(each))
        .findFirst();
  }

  /** The program that a page's blocks are; its argument is the broker's address. */
  static String program(String blocks) {
    return CONNECTED.formatted(blocks);
  }

  private static boolean hasPika(String interpreter) {
    try {
      Process look =
          new ProcessBuilder(List.of(interpreter, "-c", "import pika"))
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      boolean ended = look.waitFor(LOOK_SECONDS, TimeUnit.SECONDS);
      look.destroyForcibly();
      return ended && look.exitValue() == 0;
    } catch (IOException e) {
      return false; // there is no such program
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
