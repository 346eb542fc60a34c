package org.warrenmq.conformance;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.warrenmq.broker.Main;

/** A command of rabbitmqctl for a broker of this project, by its command line. */
public final class ControlRequest {
  private ControlRequest() {}

  /**
   * Runs it.
   *
   * @param folder the broker's data folder
   * @param words the command, then options and their values, then arguments
   * @return what it prints
   * @throws IllegalStateException when it fails
   */
  public static String run(Path folder, List<String> words) {
    List<String> all = new ArrayList<>(words);
    int options = 1;
    // A dash alone is an argument.
    while (options < all.size()
        && all.get(options).startsWith("-")
        && all.get(options).length() > 1) {
      options += 2;
    }
    // A regular expression may look like an option.
    all.add(Math.min(options, all.size()), "--");
    all.addAll(1, List.of("--data", folder.toString()));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    String[] arguments = all.toArray(String[]::new);
    int code =
        Main.execute(
            Main.commandLine(arguments)
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true)),
            arguments);
    if (code != 0) {
      throw new IllegalStateException(err.toString().strip());
    }
    // A last column may be empty: only lines' ends go.
    return out.toString().replaceFirst("\\R+$", "");
  }
}
