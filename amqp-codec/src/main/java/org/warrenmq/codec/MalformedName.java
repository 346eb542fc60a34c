package org.warrenmq.codec;

/**
 * A short string that is no UTF-8, where RabbitMQ wants text: all but those of basic.publish.
 * Without a stack trace, as it is the peer's doing; it never leaves {@link MethodCodec}.
 */
final class MalformedName extends RuntimeException {
  private static final long serialVersionUID = 1L;

  static final String TEXT = "Malformed UTF-8 in shortstr";

  MalformedName() {
    super(TEXT, null, false, false);
  }
}
