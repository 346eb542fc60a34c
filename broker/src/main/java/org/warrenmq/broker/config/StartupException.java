package org.warrenmq.broker.config;

/** Why the broker cannot start, in one sentence for whoever started it. */
public final class StartupException extends Exception {
  private static final long serialVersionUID = 1L;

  public StartupException(String message) {
    super(message);
  }

  public StartupException(String message, Throwable cause) {
    super(message, cause);
  }
}
