package org.warrenmq.broker;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.broker.cli.ControlLine;
import org.warrenmq.broker.cli.VerbCommand;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.broker.config.ConfigSources;
import org.warrenmq.broker.config.Configuration;
import org.warrenmq.broker.config.ServerIdentity;
import org.warrenmq.broker.config.StartupException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;

/** The command line: reads options and configuration, starts the broker, stops it on a signal. */
@Command(
    name = "warren",
    mixinStandardHelpOptions = true,
    description = "WarrenMQ, an AMQP 0-9-1 broker. Without a command it starts.",
    versionProvider = Main.Version.class,
    subcommands = {Main.Start.class, BackupCommand.class, VerifyCommand.class, ConfigCommand.class})
public final class Main {
  private static final Logger log = LoggerFactory.getLogger(Main.class);

  /** The commands that are no verbs of rabbitmqctl. */
  private static final Set<String> OWN = Set.of("start", "backup", "verify", "config");

  private Main() {}

  /** Prints our own version, not the one announced to clients. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {ServerIdentity.broker()};
    }
  }

  /** {@code warren start}: returns once the broker accepts connections; its threads live on. */
  @Command(
      name = "start",
      mixinStandardHelpOptions = true,
      description = "Starts the broker.",
      versionProvider = Version.class)
  static final class Start implements Callable<Integer> {
    @Mixin private StartOptions options = new StartOptions();

    @Override
    public Integer call() {
      NodeEnd.install();
      try {
        ConfigSources sources = options.sources();
        Configuration given = sources.read();
        BrokerConfig config = options.over(given);
        LogLevels.apply(config.logLevel());
        Broker broker = Broker.start(config);
        LoggedConfiguration.log(sources, given);
        HeapWatch.start(broker::bytesHeld);
        Runtime.getRuntime().addShutdownHook(new Thread(broker::close, "warren-stop"));
        broker.failed().thenAccept(Start::halt);
        Reload.onHangUp(options, broker, given);
        log.info("started in {} ms", sinceJvmStart());
        return CommandLine.ExitCode.OK;
      } catch (StartupException e) {
        log.error("{}", e.getMessage());
        return CommandLine.ExitCode.SOFTWARE;
      } catch (RuntimeException e) {
        // No start either, but a fault of ours: with its stack. An Error ends the node here too.
        log.error("the broker did not start: {}", e.toString(), e);
        return CommandLine.ExitCode.SOFTWARE;
      }
    }

    /** No orderly end: what could still be written to the disk is not to be trusted. */
    private static void halt(String reason) {
      try {
        log.debug("halting: {}", reason);
      } finally {
        // Whatever is thrown here, nobody would see.
        Runtime.getRuntime().halt(NodeEnd.STORAGE);
      }
    }

    private static long sinceJvmStart() {
      return System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime();
    }
  }

  public static void main(String[] arguments) {
    // Clients match on texts and operators read numbers: neither follows the language of the shell
    // that the broker was started from. First of all, since who formats may keep what it finds.
    Locale.setDefault(Locale.ROOT);
    // A client that renegotiates TLS 1.2 again and again costs us more than it costs itself.
    System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
    int code = execute(commandLine(arguments), arguments);
    if (code != CommandLine.ExitCode.OK) {
      System.exit(code);
    }
    // The event loops keep the process alive; after --help there are none and it ends.
  }

  /** What {@link #execute} takes, for one use; for a start it knows few commands. */
  public static CommandLine commandLine(String... arguments) {
    CommandLine line = new CommandLine(new Main());
    String first = withCommand(arguments)[0];
    if (!OWN.contains(first)) {
      // A start has no time for them.
      for (CommandSpec verb : new ControlLine("warren").specs(first)) {
        line.addSubcommand(verb.name(), verb);
      }
    }
    // What is set holds for the commands that are there.
    return line
        // A name may begin so.
        .setExpandAtFiles(false)
        .setParameterExceptionHandler(
            (wrong, given) -> {
              Integer code = VerbCommand.explain(wrong, given);
              if (code != null) {
                return code;
              }
              wrong.getCommandLine().getErr().println("warren: " + wrong.getMessage());
              return CommandLine.ExitCode.USAGE;
            });
  }

  /**
   * Does what a command line says; a start returns when the broker listens.
   *
   * @param line what is printed goes where it says
   * @return the exit code
   */
  public static int execute(CommandLine line, String... arguments) {
    return line.execute(withCommand(arguments));
  }

  /** Options alone mean start. */
  private static String[] withCommand(String[] arguments) {
    String first = arguments.length == 0 ? "--" : arguments[0];
    boolean start = first.startsWith("--") && !first.equals("--help") && !first.equals("--version");
    return start
        ? Stream.concat(Stream.of("start"), Arrays.stream(arguments)).toArray(String[]::new)
        : arguments;
  }
}
