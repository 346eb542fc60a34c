package org.warrenmq.benchmarks.durable;

/**
 * Says that the broker lost, changed, repeated or reordered a message it had confirmed; thrown on
 * the program's main thread, which then exits with {@value #EXIT_CODE}.
 */
final class BrokenPromise extends Exception {
  /** Not the 1 of a program that could not do its work: here the work was done, and is wrong. */
  static final int EXIT_CODE = 3;

  private static final long serialVersionUID = 1L;

  BrokenPromise(String message) {
    super(message);
  }
}
