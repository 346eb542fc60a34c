package org.warrenmq.broker.amqp;

import org.warrenmq.broker.auth.Wish;

/**
 * A method cannot be carried out before somebody else has said whether it may be. Thrown before it
 * has changed anything, by {@link Access}; its channel asks, and has it carried out again.
 */
final class Undecided extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Wish wish;

  Undecided(Wish wish) {
    // It says nothing that anybody would read.
    super("", null, false, false);
    this.wish = wish;
  }

  /** What is to be asked. */
  Wish wish() {
    return wish;
  }
}
