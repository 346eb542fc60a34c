package org.warrenmq.engine.queue;

import org.warrenmq.engine.message.Stamps;

/** A queue's time: what it is, and when it has to look again. Called in the queue's room. */
interface Agenda {
  /** Milliseconds since 1970, as the loop's clock has it. */
  long now();

  /** The same when the present turn began: nearly free, however often it is asked for. */
  long turnTime();

  /**
   * The queue proceeds at that time at the latest.
   *
   * @param millis {@link Stamps#NEVER} when what was said before has no meaning any more
   */
  void proceedAt(long millis);

  /** The queue proceeds when others on its loop have had their turn. */
  void proceedSoon();

  /** The queue, as its agenda sees it. */
  interface Owner {
    /** Time has passed, or others had their turn: does what is to be done, if it is still there. */
    void proceed();
  }
}
