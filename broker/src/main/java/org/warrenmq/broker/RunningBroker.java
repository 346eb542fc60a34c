package org.warrenmq.broker;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.local.LocalApi;
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

  @Option(
      names = "--path-prefix",
      paramLabel = "PATH",
      defaultValue = "",
      description = "its management.path_prefix, if it has one")
  private String prefix = "";

  /** Set by picocli; knows where output goes. */
  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec spec;

  /** Asks for something, and says what came of it. */
  @FunctionalInterface
  interface Conversation {
    /**
     * @throws Refused when the broker refuses it
     */
    String with(LocalApi api) throws IOException, Refused;
  }

  /** The broker refuses something. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    Refused(String reason) {
      super(reason);
    }
  }

  /**
   * What an answer says, which has to be a good one.
   *
   * @throws Refused when it is not
   */
  static LocalApi.Answer good(LocalApi.Answer answer) throws Refused {
    if (!answer.isGood()) {
      throw new Refused(answer.reason());
    }
    return answer;
  }

  /**
   * Talks to the broker and prints what is said in the end.
   *
   * @return the exit code
   */
  int talk(Conversation conversation) {
    try {
      out().println(conversation.with(new LocalApi(data, prefix)));
      return CommandLine.ExitCode.OK;
    } catch (IOException e) {
      err().printf("warren: no broker answers in the data folder %s: %s%n", data, e.getMessage());
    } catch (Refused e) {
      err().println("warren: " + e.getMessage());
    }
    return CommandLine.ExitCode.SOFTWARE;
  }

  private PrintWriter out() {
    return Objects.requireNonNull(spec).commandLine().getOut();
  }

  private PrintWriter err() {
    return Objects.requireNonNull(spec).commandLine().getErr();
  }
}
