package org.warrenmq.broker;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.warrenmq.store.Store;
import org.warrenmq.store.StoreException;
import org.warrenmq.store.StoreOptions;
import org.warrenmq.store.StoreVerifier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code warren verify}: reads everything in the data folder of a broker that does not run. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Reads all messages and definitions of a broker that does not run, and reports.",
      "Exit code 0: all is sound. 1: damaged, in use, or not a data folder."
    },
    versionProvider = Main.Version.class)
final class VerifyCommand implements Callable<Integer> {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "data",
      description = "data folder (./data)")
  private Path data = Path.of("data");

  @Override
  public Integer call() {
    if (!Files.isDirectory(data)) {
      System.err.printf("warren: there is no data folder %s%n", data);
      return CommandLine.ExitCode.SOFTWARE;
    }
    try (Store store = Store.open(data, StoreOptions.defaults(), _ -> {})) {
      return report(store.verify());
    } catch (StoreException e) {
      System.err.println("warren: " + e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    }
  }

  private int report(StoreVerifier.Report report) {
    System.out.printf(
        "%s: %d messages (%d bytes) in %d queues, %d definitions%n",
        data, report.messages(), report.bytes(), report.queues(), report.definitions());
    report.problems().forEach(problem -> System.out.println("damaged: " + problem));
    System.out.println(report.isSound() ? "sound" : "NOT SOUND");
    return report.isSound() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }
}
