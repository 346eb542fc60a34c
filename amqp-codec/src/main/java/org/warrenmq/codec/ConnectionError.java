package org.warrenmq.codec;

/** A fault that closes the whole connection. Immutable, any thread. */
public final class ConnectionError extends AmqpError {
  private static final long serialVersionUID = 1L;

  private final String withoutOctets;

  /** A fault that no method caused, or whose method is named later by {@link #at}. */
  public ConnectionError(ReplyCode code, String explanation) {
    this(code, explanation, 0, 0);
  }

  /** A fault of the given method. */
  public ConnectionError(ReplyCode code, String explanation, int classId, int methodId) {
    this(code, explanation, explanation, classId, methodId);
  }

  /**
   * A fault that is explained with octets as the peer sent them.
   *
   * @param withoutOctets the explanation for others than the peer
   */
  ConnectionError(
      ReplyCode code, String explanation, String withoutOctets, int classId, int methodId) {
    super(code, explanation, classId, methodId);
    this.withoutOctets = withoutOctets;
  }

  @Override
  public String textWithoutOctets() {
    return code().name() + " - " + withoutOctets;
  }

  @Override
  public ConnectionError at(int classId, int methodId) {
    return new ConnectionError(code(), explanation(), withoutOctets, classId, methodId);
  }
}
