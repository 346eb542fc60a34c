package org.warrenmq.broker;

import java.util.List;
import java.util.Locale;

/** The commands about users and what they may do: rabbitmqctl's, with its names and arguments. */
enum AccountVerb {
  ADD_USER("Creates a user, who may do nothing so far.", "USERNAME", "PASSWORD"),
  DELETE_USER("Deletes a user, with all permissions; connections are closed.", "USERNAME"),
  CHANGE_PASSWORD("Changes a user's password.", "USERNAME", "PASSWORD"),
  AUTHENTICATE_USER("Says whether this is the user's password.", "USERNAME", "PASSWORD"),
  SET_USER_TAGS("Gives a user these tags, and no others.", "USERNAME", "[TAG...]"),
  LIST_USERS("Lists users and their tags."),
  SET_PERMISSIONS(
      "Lets a user do this in a virtual host: three regular expressions for names.",
      true,
      "USERNAME",
      "CONFIGURE",
      "WRITE",
      "READ"),
  CLEAR_PERMISSIONS("Takes a user's permissions in a virtual host away.", true, "USERNAME"),
  LIST_PERMISSIONS("Lists who may do what in a virtual host.", true),
  LIST_USER_PERMISSIONS("Lists what a user may do where.", "USERNAME"),
  SET_TOPIC_PERMISSIONS(
      "Limits a user to routing keys of a topic exchange: two regular expressions.",
      true,
      "USERNAME",
      "EXCHANGE",
      "WRITE",
      "READ"),
  CLEAR_TOPIC_PERMISSIONS(
      "Takes such limits away, of one exchange or of all.", true, "USERNAME", "[EXCHANGE]"),
  LIST_TOPIC_PERMISSIONS("Lists such limits in a virtual host.", true),
  SET_VHOST_LIMITS("Limits a virtual host: max-connections, max-queues.", true, "DEFINITION"),
  CLEAR_VHOST_LIMITS("Takes the limits of a virtual host away.", true),
  SET_USER_LIMITS("Limits a user: max-connections, max-channels.", "USERNAME", "DEFINITION"),
  CLEAR_USER_LIMITS("Takes a limit of a user away, or all.", "USERNAME", "LIMIT"),
  LIST_VHOST_LIMITS("Lists the limits of a virtual host.", true),
  LIST_USER_LIMITS("Lists the limits of users.");

  private final String description;
  private final boolean inVhost;
  private final List<String> arguments;

  AccountVerb(String description, String... arguments) {
    this(description, false, arguments);
  }

  /**
   * @param inVhost whether it is about a virtual host, which option -p names
   * @param arguments what follows; the last ones may be missing that are in brackets
   */
  AccountVerb(String description, boolean inVhost, String... arguments) {
    this.description = description;
    this.inVhost = inVhost;
    this.arguments = List.of(arguments);
  }

  /** As it is written. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
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

  /** Whether so many arguments are right. */
  boolean takes(int given) {
    long needed = arguments.stream().filter(argument -> !argument.startsWith("[")).count();
    return given >= needed && (given <= arguments.size() || this == SET_USER_TAGS);
  }
}
