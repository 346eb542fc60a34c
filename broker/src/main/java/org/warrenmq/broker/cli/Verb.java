package org.warrenmq.broker.cli;

import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A verb of rabbitmqctl: what it takes, what it says first, and what it does. Immutable.
 *
 * @param parameters what follows, with [brackets] where it may be missing and "…" where there may
 *     be more
 * @param banner what it says first; empty for nothing
 */
record Verb(
    String name,
    String summary,
    List<String> parameters,
    List<Flag> flags,
    Words banner,
    Action action) {

  /** Says something about a call. */
  @FunctionalInterface
  interface Words {
    String of(Call call) throws IOException, Refused;
  }

  /** Asks the broker. */
  @FunctionalInterface
  interface Action {
    /**
     * @throws Refused when it cannot be, or the broker does not want it
     * @throws IOException when no broker answers
     */
    Answer run(Call call) throws IOException, Refused;
  }

  static Verb of(String name, String summary, String... parameters) {
    return new Verb(
        name, summary, List.of(parameters), List.of(), _ -> "", _ -> new Answer.Nothing());
  }

  Verb with(Flag... with) {
    return new Verb(name, summary, parameters, List.of(with), banner, action);
  }

  /**
   * @param words with {0}, {1} for what is given, {vhost} and {node}
   */
  Verb says(String words) {
    return saying(call -> call.fill(words));
  }

  Verb saying(Words words) {
    return new Verb(name, summary, parameters, flags, words, action);
  }

  Verb does(Action what) {
    return new Verb(name, summary, parameters, flags, banner, what);
  }

  int fewest() {
    return (int) parameters.stream().filter(one -> !one.startsWith("[")).count();
  }

  int most() {
    return parameters.stream().anyMatch(one -> one.contains("…"))
        ? Integer.MAX_VALUE
        : parameters.size();
  }

  /** How it is called. */
  String usage(String program) {
    String options =
        flags.stream()
            .map(flag -> " [%s]".formatted((flag.word() + " " + flag.value()).strip()))
            .collect(Collectors.joining());
    String given = parameters.stream().map(one -> " " + one).collect(Collectors.joining());
    return program + " [--node <node>] [--longnames] [--quiet] " + name + given + options;
  }
}
