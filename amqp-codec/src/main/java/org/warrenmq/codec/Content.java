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

  /** Octets in memory: of the properties, unless they are shared by many, and of the body. */
  public long sizeInMemory() {
    long ofProperties = PropertyInterner.mayBeShared(properties) ? 0 : properties.length;
    return switch (body) {
      case Body.Inline(byte[] bytes) -> ofProperties + bytes.length;
      case Body.Stored _ -> ofProperties;
    };
  }

  /** A look at the properties; decodes what is asked for. */
  public PropertyView view() {
    return new PropertyView(properties);
  }
}
