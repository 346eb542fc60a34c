package org.warrenmq.broker;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.control.ControlSocket;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code warren backup DIR}: asks a running broker for a copy of its data. */
@Command(
    name = "backup",
    mixinStandardHelpOptions = true,
    description = {
      "Copies what a running broker holds into a new folder, while it goes on.",
      "To restore, start a broker on the copy."
    },
    versionProvider = Main.Version.class)
final class BackupCommand implements Callable<Integer> {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "data",
      description = "data folder of the running broker (./data)")
  private Path data = Path.of("data");

  @Parameters(paramLabel = "DIR", description = "folder for the copy; must not exist")
  private Path target = Path.of("backup");

  /** Set by picocli; knows where output goes. */
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    String answer;
    try {
      answer = ControlSocket.ask(data, "backup " + target.toAbsolutePath());
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
