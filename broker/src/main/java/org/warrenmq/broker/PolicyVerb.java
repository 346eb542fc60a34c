package org.warrenmq.broker;

import java.util.List;
import java.util.Locale;

/** The commands about policies and parameters: rabbitmqctl's, with its names and arguments. */
enum PolicyVerb {
  SET_POLICY(
      "Sets a policy: for queues and exchanges with such names, what a JSON object says.",
      "NAME",
      "PATTERN",
      "DEFINITION"),
  CLEAR_POLICY("Clears a policy.", "NAME"),
  LIST_POLICIES("Lists the policies of a virtual host."),
  SET_OPERATOR_POLICY(
      "Sets a policy of the operator's, which limits what users set.",
      "NAME",
      "PATTERN",
      "DEFINITION"),
  CLEAR_OPERATOR_POLICY("Clears a policy of the operator's.", "NAME"),
  LIST_OPERATOR_POLICIES("Lists the operator's policies of a virtual host."),
  SET_PARAMETER("Sets a parameter of a component.", "COMPONENT", "NAME", "VALUE"),
  CLEAR_PARAMETER("Clears a parameter.", "COMPONENT", "NAME"),
  LIST_PARAMETERS("Lists the parameters of a virtual host."),
  SET_GLOBAL_PARAMETER("Sets a parameter of the node.", "NAME", "VALUE"),
  CLEAR_GLOBAL_PARAMETER("Clears a parameter of the node.", "NAME"),
  LIST_GLOBAL_PARAMETERS("Lists the parameters of the node.");

  private final String description;
  private final List<String> arguments;

  PolicyVerb(String description, String... arguments) {
    this.description = description;
    this.arguments = List.of(arguments);
  }

  /** As it is written. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  String description() {
    return description;
  }

  List<String> arguments() {
    return arguments;
  }
}
