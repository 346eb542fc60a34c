package org.warrenmq.router;

import static org.warrenmq.codec.ReplyCode.PRECONDITION_FAILED;

import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;

/** What of a message a consistent hash exchange hashes; immutable, any thread. */
sealed interface HashedPart {
  String HEADER = "hash-header";
  String PROPERTY = "hash-property";

  /** The part as text, empty where a message has none: such messages all go the same way. */
  String of(String routingKey, MessageProperties properties);

  /** What nothing else was asked for. */
  enum RoutingKey implements HashedPart {
    INSTANCE;

    @Override
    public String of(String routingKey, MessageProperties properties) {
      return routingKey;
    }
  }

  /** The value of a header, of whatever type. */
  record Header(String name) implements HashedPart {
    @Override
    public String of(String routingKey, MessageProperties properties) {
      FieldTable headers = properties.headers();
      FieldValue value = headers == null ? null : headers.get(name);
      return value == null ? "" : value.display();
    }
  }

  /** One of the properties that tell messages apart. */
  enum Property implements HashedPart {
    MESSAGE_ID("message_id"),
    CORRELATION_ID("correlation_id"),
    TIMESTAMP("timestamp");

    private final String wireName;

    Property(String wireName) {
      this.wireName = wireName;
    }

    @Override
    public String of(String routingKey, MessageProperties properties) {
      Object value =
          switch (this) {
            case MESSAGE_ID -> properties.messageId();
            case CORRELATION_ID -> properties.correlationId();
            case TIMESTAMP -> properties.timestamp();
          };
      return value == null ? "" : value.toString();
    }

    private static Property named(String name) throws ChannelError {
      for (Property property : values()) {
        if (property.wireName.equals(name)) {
          return property;
        }
      }
      throw new ChannelError(PRECONDITION_FAILED, "Unsupported property: " + name);
    }
  }

  /**
   * What the arguments of an exchange ask for.
   *
   * @throws ChannelError if they contradict themselves, or name what cannot be hashed
   */
  static HashedPart of(ExchangeSpec spec) throws ChannelError {
    @Nullable String header = spec.text(HEADER);
    @Nullable String property = spec.text(PROPERTY);
    if (header != null && property != null) {
      throw new ChannelError(
          PRECONDITION_FAILED, HEADER + " and " + PROPERTY + " are mutually exclusive");
    }
    if (header != null) {
      return new Header(header);
    }
    return property == null ? RoutingKey.INSTANCE : Property.named(property);
  }
}
