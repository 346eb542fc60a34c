package org.warrenmq.broker;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.control.ControlSocket;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The running broker that a command is for, found by its data folder. For the main thread. */
final class RunningBroker {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "data",
      description = "data folder of the running broker (./data)")
  private Path data = Path.of("data");

  /** Set by picocli; knows where output goes. */
  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec spec;

  /**
   * Asks for something and prints the answer.
   *
   * @return the exit code
   */
  int ask(String request) {
    String answer;
    try {
      answer = ControlSocket.ask(data, request);
    } catch (IOException e) {
      err().printf("warren: no broker answers in the data folder %s: %s%n", data, e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    }
    if (answer.startsWith("ok ")) {
      out().println(answer.substring(3));
      return CommandLine.ExitCode.OK;
    }
    err().println("warren: " + answer.replaceFirst("^error ", ""));
    return CommandLine.ExitCode.SOFTWARE;
  }

  private PrintWriter out() {
    return Objects.requireNonNull(spec).commandLine().getOut();
  }

  private PrintWriter err() {
    return Objects.requireNonNull(spec).commandLine().getErr();
  }
}
