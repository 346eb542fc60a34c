package org.warrenmq.broker;

import java.io.PrintWriter;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.broker.config.ConfigReader;
import org.warrenmq.broker.config.ConfigSources;
import org.warrenmq.broker.config.Configuration;
import org.warrenmq.broker.config.ConfigurationPage;
import org.warrenmq.broker.config.StartupException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code warren config …}: looks at a configuration without starting a broker. */
@Command(
    name = "config",
    mixinStandardHelpOptions = true,
    description = "Looks at a configuration without starting a broker.",
    versionProvider = Main.Version.class,
    subcommands = {ConfigCommand.Check.class, ConfigCommand.Show.class, ConfigCommand.Page.class})
final class ConfigCommand implements Callable<Integer> {
  /** Set by picocli; knows where output goes. */
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    CommandLine line = Objects.requireNonNull(spec).commandLine();
    line.getErr().println("warren: config check, config show or config page?");
    return CommandLine.ExitCode.USAGE;
  }

  /** Says all that is wrong, and all that has no effect. */
  @Command(
      name = "check",
      mixinStandardHelpOptions = true,
      description = {
        "Says all that is wrong with a configuration, and what of it has no effect.",
        "Exit code 0: a broker starts with it. 1: it does not."
      },
      versionProvider = Main.Version.class)
  static final class Check implements Callable<Integer> {
    @Mixin private ConfigOption config = new ConfigOption();
    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
      CommandLine line = Objects.requireNonNull(spec).commandLine();
      PrintWriter out = line.getOut();
      try {
        ConfigSources sources = config.sources();
        sources.files().forEach(file -> out.println("read: " + file));
        sources.notes().forEach(out::println);
        Configuration given = sources.read();
        given.withoutEffect().forEach(out::println);
        List<String> problems = given.problems();
        if (!problems.isEmpty()) {
          problems.forEach(problem -> line.getErr().println("warren: " + problem));
          return CommandLine.ExitCode.SOFTWARE;
        }
        ConfigReader.read(given, BrokerConfig.defaults());
        out.println("no errors");
        return CommandLine.ExitCode.OK;
      } catch (StartupException e) {
        line.getErr().println("warren: " + e.getMessage());
        return CommandLine.ExitCode.SOFTWARE;
      }
    }
  }

  /** Prints what would hold. */
  @Command(
      name = "show",
      mixinStandardHelpOptions = true,
      description = "Prints what holds and where it comes from, without passwords.",
      versionProvider = Main.Version.class)
  static final class Show implements Callable<Integer> {
    @Mixin private ConfigOption config = new ConfigOption();
    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
      CommandLine line = Objects.requireNonNull(spec).commandLine();
      try {
        Configuration given = config.sources().read();
        ConfigReader.read(given, BrokerConfig.defaults());
        for (Configuration.Shown shown : given.show()) {
          line.getOut().printf("%s = %s  # %s%n", shown.key(), shown.value(), shown.place());
        }
        return CommandLine.ExitCode.OK;
      } catch (StartupException e) {
        line.getErr().println("warren: " + e.getMessage());
        return CommandLine.ExitCode.SOFTWARE;
      }
    }
  }

  /** Prints the page of the documentation. */
  @Command(
      name = "page",
      mixinStandardHelpOptions = true,
      description = "Prints docs/configuration.md: all keys, and what they do.",
      versionProvider = Main.Version.class)
  static final class Page implements Callable<Integer> {
    @Spec private @Nullable CommandSpec spec;

    @Override
    public Integer call() {
      PrintWriter out = Objects.requireNonNull(spec).commandLine().getOut();
      out.print(ConfigurationPage.text());
      out.flush();
      return CommandLine.ExitCode.OK;
    }
  }
}
