package org.warrenmq.broker.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where the broker is that a verb is for, by the command line and the environment. Stateless. */
final class Place {
  private static final Path HOST = Path.of("/proc/sys/kernel/hostname");

  private Place() {}

  /**
   * The data folder.
   *
   * @param given with --data, or null
   */
  static Path folder(@Nullable String given, Map<String, String> environment) {
    if (given != null) {
      return Path.of(given);
    }
    for (String variable : new String[] {"WARREN_DATA", "RABBITMQ_MNESIA_DIR"}) {
      String value = environment.get(variable);
      if (value != null && !value.isEmpty()) {
        return Path.of(value);
      }
    }
    String base = environment.get("RABBITMQ_MNESIA_BASE");
    return base == null || base.isEmpty() ? Path.of("data") : Path.of(base, "warren");
  }

  /** What a node here is called, most likely: it does not run, or was not asked. */
  static String nodeName() {
    String host = "localhost";
    try {
      host = Files.readString(HOST).strip().split("\\.", 2)[0];
    } catch (IOException e) {
      // Not on every system.
    }
    return "rabbit@" + host;
  }

  /** No broker answers. */
  static Refused unreachable(String node, String detail) {
    return Refused.plainly(
        Refused.UNAVAILABLE,
        """
        Error: unable to perform an operation on node '%s'. Please see diagnostics information \
        and suggestions below.

        Most common reasons for this are:

         * Target node is not running
         * The data folder is another one: name it with --data, or in the variable WARREN_DATA
         * The data folder belongs to another user: run this as the broker's

        DIAGNOSTICS
        ===========

        attempted to contact: ['%s']

        %s:
          * %s
        """
            .formatted(node, node, node, detail)
            .stripTrailing());
  }
}
