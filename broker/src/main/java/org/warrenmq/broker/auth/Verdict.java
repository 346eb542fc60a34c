package org.warrenmq.broker.auth;

/** Whether somebody may do something. Immutable. */
public sealed interface Verdict {
  static Verdict of(boolean allowed) {
    return allowed ? new Allowed() : new Denied();
  }

  /** He may. */
  record Allowed() implements Verdict {}

  /** He may not. */
  record Denied() implements Verdict {}

  /**
   * Whoever knows could not be asked: he may not.
   *
   * @param backend by RabbitMQ's name
   * @param why as clients may read it
   */
  record Failed(String backend, String why) implements Verdict {}

  /** A refusal's text with this verdict's own part, in RabbitMQ's words. */
  default String explain(String refusal) {
    return switch (this) {
      case Allowed _, Denied _ -> refusal;
      case Failed(String backend, String why) ->
          "%s, backend %s returned an error: %s".formatted(refusal, backend, why);
    };
  }
}
