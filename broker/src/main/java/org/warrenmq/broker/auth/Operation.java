package org.warrenmq.broker.auth;

import java.util.Locale;

/** What somebody wants to do with a queue or an exchange, as permissions tell it apart. */
public enum Operation {
  /** Declare or delete it. */
  CONFIGURE,
  /** Put messages in, or lead them there. */
  WRITE,
  /** Take messages out, or lead them elsewhere. */
  READ;

  private final String word = name().toLowerCase(Locale.ROOT);

  /** As refusals call it. */
  @Override
  public String toString() {
    return word;
  }
}
