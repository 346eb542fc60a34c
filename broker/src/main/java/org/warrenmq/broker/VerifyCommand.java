package org.warrenmq.broker;

import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.message.DiskMessageStore;
import org.warrenmq.store.Store;
import org.warrenmq.store.StoreException;
import org.warrenmq.store.StoreOptions;
import org.warrenmq.store.StoreVerifier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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

  /** Set by picocli; knows where output goes. */
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    if (!Files.isDirectory(data)) {
      err().printf("warren: there is no data folder %s%n", data);
      return CommandLine.ExitCode.SOFTWARE;
    }
    if (!Store.isIn(data)) {
      // Opening it would make a store of an empty folder, and call that sound.
      err().printf("warren: the folder %s does not hold a store of WarrenMQ%n", data);
      return CommandLine.ExitCode.SOFTWARE;
    }
    try (Store store =
        Store.open(data, StoreOptions.defaults(), DiskMessageStore.bodySize(), _ -> {})) {
      return report(store.verify());
    } catch (StoreException e) {
      err().println("warren: " + e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    }
  }

  private int report(StoreVerifier.Report report) {
    out()
        .printf(
            "%s: %d messages (%d bytes) in %d queues, %d definitions%n",
            data, report.messages(), report.bytes(), report.queues(), report.definitions());
    if (report.scheduled() > 0) {
      out().printf("%d messages wait for their time%n", report.scheduled());
    }
    report.problems().forEach(problem -> out().println("damaged: " + problem));
    out().println(report.isSound() ? "sound" : "NOT SOUND");
    return report.isSound() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  private PrintWriter out() {
    return Objects.requireNonNull(spec).commandLine().getOut();
  }

  private PrintWriter err() {
    return Objects.requireNonNull(spec).commandLine().getErr();
  }
}
