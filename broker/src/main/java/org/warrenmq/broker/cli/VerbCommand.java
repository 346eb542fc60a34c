package org.warrenmq.broker.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.local.LocalApi;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * A verb as a command of picocli's: reads what is given, asks the broker, prints. For the main
 * thread; what has a time limit runs on a thread of its own.
 */
public final class VerbCommand implements Callable<Integer> {
  /** A verb that waits for something ends by itself before. */
  private static final long GRACE_SECONDS = 2;

  private final Verb verb;
  private final String program;
  private final CommandSpec spec;

  private VerbCommand(Verb verb, String program) {
    this.verb = verb;
    this.program = program;
    spec = CommandSpec.wrapWithoutInspection(this).name(verb.name());
  }

  /**
   * A verb, ready to be executed or to be a part of something larger.
   *
   * @param program what it is called by
   */
  static CommandSpec spec(Verb verb, String program) {
    VerbCommand command = new VerbCommand(verb, program);
    command.addOptions();
    command
        .spec
        // A pattern may begin with a dash, and end in letters that are options.
        .parser()
        .unmatchedOptionsArePositionalParams(true)
        .posixClusteredShortOptionsAllowed(false);
    command.spec.usageMessage().description(verb.summary() + ".");
    return command.spec;
  }

  private void addOptions() {
    addSwitch("suppress informational messages", "-q", "--quiet");
    addSwitch("suppress informational messages and table header row", "-s", "--silent");
    addSwitch("no table header row", "--no-table-headers");
    addSwitch("a table header row: the usual", "--table-headers");
    addSwitch("without effect", "-l", "--longnames");
    addSwitch("displays command help", "-?", "-h", "--help");
    addOption("<node>", "refuse to be for another node", "-n", "--node");
    addOption("<vhost>", "virtual host, for commands that are about one (/)", "-p", "--vhost");
    addOption("<seconds>", "give up after so long", "-t", "--timeout");
    addOption("<formatter>", "table, json, csv, pretty_table, erlang", "--formatter");
    addOption("<dir>", "data folder of the broker", "--data");
    addOption("<path>", "the broker's management.path_prefix", "--path-prefix");
    for (Flag flag : verb.flags()) {
      if (flag.value().isEmpty()) {
        addSwitch(flag.meaning(), flag.word());
      } else {
        addOption(flag.value(), flag.meaning(), flag.word());
      }
    }
    spec.addPositional(
        PositionalParamSpec.builder()
            .arity("0..*")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .paramLabel(String.join(" ", verb.parameters()))
            .hideParamSyntax(true)
            .build());
  }

  private void addSwitch(String meaning, String... names) {
    spec.addOption(
        OptionSpec.builder(names[0], names).type(boolean.class).description(meaning).build());
  }

  private void addOption(String value, String meaning, String... names) {
    spec.addOption(
        OptionSpec.builder(names[0], names)
            .type(String.class)
            .paramLabel(value)
            .description(meaning)
            .build());
  }

  // What is given.

  private ParseResult parsed() {
    return spec.commandLine().getParseResult();
  }

  private boolean has(String option) {
    return parsed().matchedOptionValue(option, Boolean.FALSE);
  }

  private @Nullable String value(String option) {
    return parsed().matchedOptionValue(option, (String) null);
  }

  private List<String> given() {
    return parsed().matchedPositionalValue(0, List.of());
  }

  private Map<Flag, String> flags() {
    Map<Flag, String> flags = new EnumMap<>(Flag.class);
    for (Flag flag : verb.flags()) {
      if (parsed().hasMatchedOption(flag.word())) {
        Object value = parsed().matchedOption(flag.word()).getValue();
        flags.put(flag, String.valueOf(value));
      }
    }
    return flags;
  }

  private static Refused invalidOption(String name, String value) {
    return Refused.plainly(
        Refused.USAGE,
        "Error (argument validation): Invalid options for this command:\n%s : %s"
            .formatted(name, value));
  }

  private Formatter formatter() throws Refused {
    String name = value("--formatter");
    Formatter formatter = name == null ? Formatter.TABLE : Formatter.named(name);
    if (formatter == null) {
      throw invalidOption("--formatter", String.valueOf(name));
    }
    return formatter;
  }

  private @Nullable Long timeout() throws Refused {
    String seconds = value("--timeout");
    try {
      return seconds == null || seconds.equals("infinity") ? null : Long.valueOf(seconds);
    } catch (NumberFormatException e) {
      throw invalidOption("--timeout", String.valueOf(seconds));
    }
  }

  private void checkCount() throws Refused {
    int count = given().size();
    if (count > verb.most()) {
      for (String each : given()) {
        if (each.startsWith("-") && each.length() > 1) {
          throw invalidOption(each, "");
        }
      }
    }
    if (count < verb.fewest() || count > verb.most()) {
      throw Refused.plainly(
          Refused.USAGE,
          "Error (argument validation): %s arguments."
              .formatted(count < verb.fewest() ? "not enough" : "too many"));
    }
  }

  // What is done.

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    if (has("--help")) {
      out.println("\nUsage\n\n" + verb.usage(program) + "\n\n" + verb.summary() + ".\n");
      out.println(spec.commandLine().getHelp().optionList());
      return Refused.OK;
    }
    try {
      run(out);
      return Refused.OK;
    } catch (Refused e) {
      PrintWriter err = spec.commandLine().getErr();
      err.println(e.isOfArguments() ? e.text() + "\n" + asGiven() : e.text());
      return e.code();
    } finally {
      out.flush();
    }
  }

  private void run(PrintWriter out) throws Refused {
    checkCount();
    Formatter formatter = formatter();
    String prefix = value("--path-prefix");
    LocalApi api =
        new LocalApi(Place.folder(value("--data"), System.getenv()), prefix == null ? "" : prefix);
    Call call =
        new Call(
            api,
            new Call.Words(given(), flags(), value("--vhost"), value("--node"), timeout()),
            out);
    boolean quiet = has("--quiet") || has("--silent") || formatter.isForMachines();
    try {
      within(timeout(), call, quiet, formatter, out);
    } catch (IOException e) {
      throw Place.unreachable(
          call.knownNode(),
          "no broker answers in the data folder %s: %s".formatted(api.folder(), e.getMessage()));
    }
  }

  private void within(
      @Nullable Long seconds, Call call, boolean quiet, Formatter formatter, PrintWriter out)
      throws IOException, Refused {
    if (seconds == null || seconds <= 0) {
      talk(call, quiet, formatter, out);
      return;
    }
    FutureTask<Integer> talk =
        new FutureTask<>(
            () -> {
              talk(call, quiet, formatter, out);
              return Refused.OK;
            });
    Thread.ofVirtual().name("warren-verb").start(talk);
    try {
      talk.get(seconds + GRACE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException | InterruptedException e) {
      throw Refused.plainly(
          Refused.TIMEOUT,
          "Error: operation %s on node %s timed out. Timeout value used: %d"
              .formatted(verb.name(), call.knownNode(), seconds));
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException failure -> throw failure;
        case Refused refused -> throw refused;
        case null, default -> throw new IllegalStateException(e.getCause());
      }
    }
  }

  private void talk(Call call, boolean quiet, Formatter formatter, PrintWriter out)
      throws IOException, Refused {
    call.checkNode();
    if (!quiet) {
      call.announce(verb.banner().of(call));
    }
    Answer answer = answer(call);
    if (answer instanceof Answer.Hint(String text) && !quiet) {
      out.println(text);
    }
    boolean headers = !has("--silent") && !has("--no-table-headers");
    formatter.print(answer, headers, call.knownNode(), out);
  }

  private Answer answer(Call call) throws IOException, Refused {
    try {
      Answer answer = verb.action().run(call);
      call.begin();
      return answer;
    } catch (Refused e) {
      if (!e.isOfArguments()) {
        call.begin();
      }
      throw e;
    }
  }

  // What was wrong.

  private String asGiven() {
    return asGiven(verb, program, parsed().originalArgs());
  }

  private static String asGiven(Verb verb, String program, List<String> words) {
    List<String> all = new ArrayList<>(words);
    if (all.isEmpty() || !all.getFirst().equals(verb.name())) {
      all.addFirst(verb.name());
    }
    return "Arguments given:\n\t%s\n\nUsage\n\n%s\n"
        .formatted(String.join(" ", all), verb.usage(program));
  }

  /**
   * Says what picocli could not read of a verb, if it was one.
   *
   * @return the exit code; null if it was something else
   */
  public static @Nullable Integer explain(ParameterException wrong, String... words) {
    CommandLine line = wrong.getCommandLine();
    if (!(line.getCommandSpec().userObject() instanceof VerbCommand command)) {
      return null;
    }
    String what =
        wrong instanceof MissingParameterException missing && !missing.getMissing().isEmpty()
            ? "Invalid options for this command:\n"
                + (missing.getMissing().getFirst() instanceof OptionSpec option
                    ? option.names()[0] + " : "
                    : "")
            : String.valueOf(wrong.getMessage());
    line.getErr()
        .println(
            "Error (argument validation): "
                + what
                + "\n"
                + asGiven(command.verb, command.program, List.of(words)));
    return Refused.USAGE;
  }
}
