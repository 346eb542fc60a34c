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

  /** The type whose exchanges keep messages until their time. */
  static final String DELAYED_TYPE = "x-delayed-message";

  /** The type whose exchanges drop messages that came before. */
  static final String DEDUPLICATING_TYPE = "x-message-deduplication";

  /** The type whose exchanges remember messages for who becomes bound. */
  static final String HISTORY_TYPE = "x-recent-history";

  /** The argument by which an exchange of any type keeps messages until their time. */
  public static final String DELAYED_EXCHANGE = "x-delayed-exchange";

  /** The argument by which an exchange of any type drops messages that came before. */
  public static final String DEDUPLICATION = "x-message-deduplication";

  /**
   * Whether it keeps messages that have to wait.
   *
   * @throws ChannelError if the argument that says so is not a boolean
   */
  public boolean isDelaying() throws ChannelError {
    return isTypeOrArgument(DELAYED_TYPE, DELAYED_EXCHANGE);
  }

  /**
   * Whether it drops messages that came before.
   *
   * @throws ChannelError if the argument that says so is not a boolean
   */
  public boolean isDeduplicating() throws ChannelError {
    return isTypeOrArgument(DEDUPLICATING_TYPE, DEDUPLICATION);
  }

  /** Whether it remembers messages for who becomes bound. */
  public boolean isRemembering() {
    return type.equals(HISTORY_TYPE);
  }

  private boolean isTypeOrArgument(String typeName, String argument) throws ChannelError {
    FieldValue value = arguments.get(argument);
    return switch (value) {
      case null -> type.equals(typeName);
      case FieldValue.Bool(boolean on) -> on || type.equals(typeName);
      default -> throw invalidType(argument, value);
    };
  }

  private ChannelError invalidType(String argument, FieldValue value) {
    return new ChannelError(
        ReplyCode.PRECONDITION_FAILED,
        "invalid type '%s' for arg '%s' in exchange '%s' in vhost '%s'"
            .formatted(value.typeName(), argument, name, vhost));
  }

  /**
   * The alternate exchange named by the arguments.
   *
   * @throws ChannelError if the argument is not a string
   */
  public @Nullable String alternateExchange() throws ChannelError {
    return text(ALTERNATE_EXCHANGE);
  }

  /**
   * The text of an argument, or null if it is not given.
   *
   * @throws ChannelError if the argument is not a string
   */
  public @Nullable String text(String argument) throws ChannelError {
    FieldValue value = arguments.get(argument);
    return switch (value) {
      case null -> null;
      case FieldValue.LongString string -> string.value();
      default -> throw invalidType(argument, value);
    };
  }
}
