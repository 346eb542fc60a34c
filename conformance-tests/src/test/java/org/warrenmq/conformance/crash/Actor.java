package org.warrenmq.conformance.crash;

/** A client of the load with connections of its own; runs on a thread of its own. */
interface Actor {
  /** Works until the load is over or the broker is gone, which shows as any exception. */
  void run(Stage stage) throws Exception;
}
