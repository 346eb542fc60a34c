package org.warrenmq.codec;

/**
 * The content of a message, shared by everything it was routed to. Immutable, any thread.
 *
 * @param properties property flags and values of class 60 as they came, known to be well-formed
 * @param body the octets of the message
 */
public record Content(byte[] properties, Body body) {

  /** Number of octets of the body. */
  public long bodySize() {
    return body.size();
  }

  /** A look at the properties; decodes what is asked for. */
  public PropertyView view() {
    return new PropertyView(properties);
  }
}
