package org.warrenmq.broker.cli;

/** A verb that ends with something else than what was wanted: what is said, and the exit code. */
final class Refused extends Exception {
  static final int OK = 0;
  static final int USAGE = 64;
  static final int DATA = 65;
  static final int NO_USER = 67;
  static final int UNAVAILABLE = 69;
  static final int SOFTWARE = 70;
  static final int TIMEOUT = 75;

  private static final long serialVersionUID = 1L;

  private final int code;

  private Refused(int code, String text) {
    super(text);
    this.code = code;
  }

  /** With these words alone. */
  static Refused plainly(int code, String text) {
    return new Refused(code, text);
  }

  /** With "Error:" before it, as most have it. */
  static Refused error(int code, String text) {
    return new Refused(code, "Error:\n" + text);
  }

  /** What was given cannot be. */
  static Refused badArgument(String text) {
    return new Refused(DATA, "Error (argument validation): Bad argument: " + text);
  }

  static Refused noVhost(String name) {
    return plainly(DATA, "Virtual host '" + name + "' does not exist");
  }

  static Refused noUser(String name) {
    return error(NO_USER, "User \"" + name + "\" does not exist");
  }

  /** No such queue, mostly. */
  static Refused noObject() {
    return plainly(DATA, "Object (queue, stream, exchange, etc) was not found");
  }

  /** Whether nothing was even tried. */
  boolean isOfArguments() {
    return text().startsWith("Error (argument validation)");
  }

  int code() {
    return code;
  }

  String text() {
    return String.valueOf(getMessage());
  }
}
