package org.warrenmq.router;

import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.codec.ReplyCode;

/** What a client declares an exchange to be; immutable. */
public record ExchangeSpec(
    String vhost,
    String name,
    String type,
    boolean durable,
    boolean autoDelete,
    boolean internal,
    FieldTable arguments) {

  /** The argument that names where unroutable messages go. */
  public static final String ALTERNATE_EXCHANGE = "alternate-exchange";

  /**
   * The alternate exchange named by the arguments.
   *
   * @throws ChannelError if the argument is not a string
   */
  public @Nullable String alternateExchange() throws ChannelError {
    FieldValue value = arguments.get(ALTERNATE_EXCHANGE);
    return switch (value) {
      case null -> null;
      case FieldValue.LongString string -> string.value();
      default ->
          throw new ChannelError(
              ReplyCode.PRECONDITION_FAILED,
              "invalid type '%s' for arg '%s' in exchange '%s' in vhost '%s'"
                  .formatted(value.typeName(), ALTERNATE_EXCHANGE, name, vhost));
    };
  }
}
