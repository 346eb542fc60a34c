package org.warrenmq.codec;

/** A fault that closes the whole connection. Immutable, any thread. */
public final class ConnectionError extends AmqpError {
  private static final long serialVersionUID = 1L;

  /** A fault that no method caused, or whose method is named later by {@link #at}. */
  public ConnectionError(ReplyCode code, String explanation) {
    this(code, explanation, 0, 0);
  }

  /** A fault of the given method. */
  public ConnectionError(ReplyCode code, String explanation, int classId, int methodId) {
    super(code, explanation, classId, methodId);
  }

  @Override
  public ConnectionError at(int classId, int methodId) {
    return new ConnectionError(code(), explanation(), classId, methodId);
  }
}
