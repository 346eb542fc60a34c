package org.warrenmq.broker.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The command line of rabbitmqctl and rabbitmq-diagnostics: finds the verb, wherever options stand,
 * and has it carried out. For the main thread; it knows nothing of the broker's own classes, which
 * take long to load.
 */
public final class ControlLine {
  /** Options before a verb that have a value. */
  private static final Set<String> WITH_VALUE =
      Set.of(
          "-n",
          "--node",
          "-p",
          "--vhost",
          "-t",
          "--timeout",
          "--formatter",
          "--data",
          "--path-prefix");

  private final String program;
  private final Verbs verbs = new Verbs();

  /**
   * @param program what it is called
   */
  public ControlLine(String program) {
    this.program = program;
  }

  /** For the scripts: the program's name comes first. */
  public static void main(String[] arguments) {
    Locale.setDefault(Locale.ROOT);
    PrintWriter out = new PrintWriter(System.out, false, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    int code =
        new ControlLine(arguments[0])
            .execute(Arrays.asList(arguments).subList(1, arguments.length), out, err);
    out.flush();
    System.exit(code);
  }

  /** The commands of these verbs: of that one, or of all where it is none. */
  public List<CommandSpec> specs(String name) {
    Verb verb = verbs.find(name);
    return (verb == null ? List.copyOf(verbs.all()) : List.of(verb))
        .stream().map(each -> VerbCommand.spec(each, program)).toList();
  }

  /**
   * Does what a command line says.
   *
   * @return the exit code
   */
  public int execute(List<String> arguments, PrintWriter out, PrintWriter err) {
    List<String> words = new ArrayList<>(arguments);
    String name = takeVerb(words);
    if (name == null || name.equals("help")) {
      return help(words, name == null && !asksForHelp(words), out, err);
    }
    if (name.equals("autocomplete")) {
      return complete(words, out);
    }
    Verb verb = verbs.find(name);
    if (verb == null) {
      String like = verbs.like(name);
      err.println("\nCommand '%s' not found. ".formatted(name));
      err.println(like == null ? usage() : "Did you mean '%s'? ".formatted(like));
      return Refused.USAGE;
    }
    return new CommandLine(VerbCommand.spec(verb, program))
        .setOut(out)
        .setErr(err)
        .setExpandAtFiles(false)
        .setParameterExceptionHandler(
            (wrong, given) -> {
              Integer code = VerbCommand.explain(wrong, given);
              return code == null ? Refused.USAGE : code;
            })
        .execute(words.toArray(String[]::new));
  }

  private static @Nullable String takeVerb(List<String> words) {
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (!word.startsWith("-")) {
        return words.remove(i);
      }
      if (WITH_VALUE.contains(word)) {
        i++;
      }
    }
    return null;
  }

  private static boolean asksForHelp(List<String> words) {
    return words.contains("--help") || words.contains("-h") || words.contains("-?");
  }

  private int help(List<String> words, boolean wrong, PrintWriter out, PrintWriter err) {
    Verb verb = words.isEmpty() ? null : verbs.find(words.getFirst());
    if (verb != null) {
      return execute(List.of(verb.name(), "--help"), out, err);
    }
    (wrong ? err : out).println(usage());
    return wrong ? Refused.USAGE : Refused.OK;
  }

  private int complete(List<String> words, PrintWriter out) {
    String start = words.isEmpty() ? "" : words.getFirst();
    verbs.all().stream()
        .map(Verb::name)
        .filter(each -> each.startsWith(start))
        .sorted()
        .forEach(out::println);
    return Refused.OK;
  }

  private String usage() {
    StringBuilder text = new StringBuilder("\nUsage\n\n");
    text.append(program)
        .append(" [--node <node>] [--timeout <timeout>] [--longnames] [--quiet] <command>")
        .append(" [<command options>]\n\nAvailable commands:\n\n");
    for (Verb verb : verbs.all()) {
      text.append("   %-45s %s%n".formatted(verb.name(), verb.summary()));
    }
    return text.append("\nUse '%s help <command>' to learn more\n".formatted(program)).toString();
  }
}
