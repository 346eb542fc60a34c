package org.warrenmq.codec;

/** A fault that closes one channel and leaves its connection open. Immutable, any thread. */
public final class ChannelError extends AmqpError {
  private static final long serialVersionUID = 1L;

  /** A fault that no method caused, or whose method is named later by {@link #at}. */
  public ChannelError(ReplyCode code, String explanation) {
    this(code, explanation, 0, 0);
  }

  /** A fault of the given method. */
  public ChannelError(ReplyCode code, String explanation, int classId, int methodId) {
    super(code, explanation, classId, methodId);
  }

  @Override
  public ChannelError at(int classId, int methodId) {
    return new ChannelError(code(), explanation(), classId, methodId);
  }
}
