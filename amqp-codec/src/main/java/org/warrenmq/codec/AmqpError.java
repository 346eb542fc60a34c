package org.warrenmq.codec;

/**
 * A protocol fault, raised on whatever thread noticed it and carried to the peer as a close method.
 *
 * <p>It has no stack trace: it is the peer's doing, not a defect here, and a peer must not be able
 * to make the broker fill stack traces.
 */
public abstract sealed class AmqpError extends RuntimeException
    permits ChannelError, ConnectionError {
  private static final long serialVersionUID = 1L;

  private final ReplyCode code;
  private final String explanation;
  private final int classId;
  private final int methodId;

  AmqpError(ReplyCode code, String explanation, int classId, int methodId) {
    super(code.name() + " - " + explanation, null, false, false);
    this.code = code;
    this.explanation = explanation;
    this.classId = classId;
    this.methodId = methodId;
  }

  /** The reply code of the close method to come. */
  public ReplyCode code() {
    return code;
  }

  /** What went wrong, without the code's name. */
  public String explanation() {
    return explanation;
  }

  /**
   * The reply text, {@code NAME - explanation}. It may be longer than a short string; the encoder
   * of the close methods cuts it.
   */
  public String text() {
    return code.name() + " - " + explanation;
  }

  /**
   * The reply text for the log: where it has octets as the peer sent them these are left out, as
   * there may be a password among them.
   */
  public String textWithoutOctets() {
    return text();
  }

  /** Class of the failing method, 0 when no method caused the fault. */
  public int classId() {
    return classId;
  }

  /** Id of the failing method within its class, 0 when no method caused the fault. */
  public int methodId() {
    return methodId;
  }

  /** The same fault, naming the failing method. */
  public abstract AmqpError at(int classId, int methodId);
}
