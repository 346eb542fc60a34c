package org.warrenmq.broker;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.warrenmq.broker.control.ControlSocket;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

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

  @Override
  public Integer call() {
    String answer;
    try {
      answer = ControlSocket.ask(data, "backup " + target.toAbsolutePath());
    } catch (IOException e) {
      System.err.printf(
          "warren: no broker answers in the data folder %s: %s%n", data, e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    }
    if (answer.startsWith("ok ")) {
      System.out.println(answer.substring(3));
      return CommandLine.ExitCode.OK;
    }
    System.err.println("warren: " + answer.replaceFirst("^error ", ""));
    return CommandLine.ExitCode.SOFTWARE;
  }
}
