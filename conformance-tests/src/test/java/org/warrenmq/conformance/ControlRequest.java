package org.warrenmq.conformance;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.warrenmq.broker.cli.ControlLine;

/** A command of rabbitmqctl for a broker of this project, by its command line. */
public final class ControlRequest {
  /** How a command ended, and what it printed. */
  public record Outcome(int code, String out, String err) {}

  private ControlRequest() {}

  /**
   * Runs it.
   *
   * @param folder the broker's data folder
   * @param words the command with options and arguments
   */
  public static Outcome run(Path folder, List<String> words) {
    List<String> all = new ArrayList<>(words);
    all.addAll(List.of("--data", folder.toString()));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        new ControlLine("rabbitmqctl")
            .execute(all, new PrintWriter(out, true), new PrintWriter(err, true));
    return new Outcome(code, out.toString(), err.toString());
  }

  /**
   * Runs one that has to succeed.
   *
   * @return what it prints
   * @throws IllegalStateException when it fails
   */
  public static String succeed(Path folder, List<String> words) {
    Outcome outcome = run(folder, words);
    if (outcome.code() != 0) {
      throw new IllegalStateException(outcome.err().strip());
    }
    // A last column may be empty: only lines' ends go.
    return outcome.out().replaceFirst("\\R+$", "");
  }
}
