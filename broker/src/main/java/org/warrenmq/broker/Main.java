package org.warrenmq.broker;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.broker.config.ConfigFile;
import org.warrenmq.broker.config.ServerIdentity;
import org.warrenmq.broker.config.StartupException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command line: reads options and configuration, starts the broker, stops it on a signal. */
@Command(
    name = "warren",
    mixinStandardHelpOptions = true,
    description = "WarrenMQ, an AMQP 0-9-1 broker. Without a command it starts.",
    versionProvider = Main.Version.class,
    subcommands = {
      Main.Start.class,
      AddVhostCommand.class,
      DeleteVhostCommand.class,
      BackupCommand.class,
      VerifyCommand.class
    })
public final class Main {
  private static final Logger log = LoggerFactory.getLogger(Main.class);

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
    @Option(names = "--config", paramLabel = "FILE", description = "settings, as rabbitmq.conf")
    private @Nullable Path config;

    @Option(names = "--data", paramLabel = "DIR", description = "data folder (./data)")
    private @Nullable Path data;

    @Option(names = "--port", paramLabel = "N", description = "AMQP port (5672)")
    private @Nullable Integer port;

    @Option(names = "--management-port", paramLabel = "N", description = "HTTP API port (15672)")
    private @Nullable Integer managementPort;

    @Override
    public Integer call() {
      NodeEnd.install();
      try {
        Broker broker = Broker.start(configuration());
        HeapWatch.start(broker::bytesHeld);
        Runtime.getRuntime().addShutdownHook(new Thread(broker::close, "warren-stop"));
        broker.failed().thenAccept(Start::halt);
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

    private BrokerConfig configuration() throws StartupException {
      BrokerConfig chosen = BrokerConfig.defaults();
      if (config != null) {
        chosen = ConfigFile.read(config, chosen);
      }
      if (data != null) {
        chosen = chosen.withDataDir(data);
      }
      if (port != null) {
        chosen = chosen.withPort(ConfigFile.port("--port", port));
      }
      if (managementPort != null) {
        chosen = chosen.withManagementPort(ConfigFile.port("--management-port", managementPort));
      }
      return chosen;
    }

    private static long sinceJvmStart() {
      return System.currentTimeMillis() - ManagementFactory.getRuntimeMXBean().getStartTime();
    }
  }

  public static void main(String[] arguments) {
    // Clients match on texts and operators read numbers: neither follows the language of the shell
    // that the broker was started from. First of all, since who formats may keep what it finds.
    Locale.setDefault(Locale.ROOT);
    CommandLine line =
        new CommandLine(new Main())
            .setParameterExceptionHandler(
                (wrong, _) -> {
                  wrong.getCommandLine().getErr().println("warren: " + wrong.getMessage());
                  return CommandLine.ExitCode.USAGE;
                });
    String[] words = withCommand(arguments);
    if (!words[0].equals("start")) {
      // A start has no time for them.
      for (AccountVerb verb : AccountVerb.values()) {
        line.addSubcommand(verb.word(), AccountCommand.spec(verb));
      }
    }
    int code = line.execute(words);
    if (code != CommandLine.ExitCode.OK) {
      System.exit(code);
    }
    // The event loops keep the process alive; after --help there are none and it ends.
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
