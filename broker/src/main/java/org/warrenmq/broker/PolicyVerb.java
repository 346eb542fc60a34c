package org.warrenmq.broker;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The commands about policies and parameters: rabbitmqctl's, with its names and arguments. The
 * command line and the broker share this table.
 */
enum PolicyVerb {
  SET_POLICY(
      "Sets a policy: for queues and exchanges with such names, what a JSON object says.",
      true,
      "NAME",
      "PATTERN",
      "DEFINITION"),
  CLEAR_POLICY("Clears a policy.", true, "NAME"),
  LIST_POLICIES("Lists the policies of a virtual host.", true),
  SET_OPERATOR_POLICY(
      "Sets a policy of the operator's, which limits what users set.",
      true,
      "NAME",
      "PATTERN",
      "DEFINITION"),
  CLEAR_OPERATOR_POLICY("Clears a policy of the operator's.", true, "NAME"),
  LIST_OPERATOR_POLICIES("Lists the operator's policies of a virtual host.", true),
  SET_PARAMETER("Sets a parameter of a component.", true, "COMPONENT", "NAME", "VALUE"),
  CLEAR_PARAMETER("Clears a parameter.", true, "COMPONENT", "NAME"),
  LIST_PARAMETERS("Lists the parameters of a virtual host.", true),
  SET_GLOBAL_PARAMETER("Sets a parameter of the node.", false, "NAME", "VALUE"),
  CLEAR_GLOBAL_PARAMETER("Clears a parameter of the node.", false, "NAME"),
  LIST_GLOBAL_PARAMETERS("Lists the parameters of the node.", false);

  private final String description;
  private final boolean inVhost;
  private final List<String> arguments;

  /**
   * @param inVhost whether it is about a virtual host, which option -p names
   */
  PolicyVerb(String description, boolean inVhost, String... arguments) {
    this.description = description;
    this.inVhost = inVhost;
    this.arguments = List.of(arguments);
  }

  /** As it is written. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  static boolean isOne(String word) {
    return Arrays.stream(values()).anyMatch(verb -> verb.word().equals(word));
  }

  static PolicyVerb of(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT));
  }

  String description() {
    return description;
  }

  boolean isInVhost() {
    return inVhost;
  }

  List<String> arguments() {
    return arguments;
  }

  /** Whether it takes {@code --priority} and {@code --apply-to}. */
  boolean hasPriority() {
    return this == SET_POLICY || this == SET_OPERATOR_POLICY;
  }
}
