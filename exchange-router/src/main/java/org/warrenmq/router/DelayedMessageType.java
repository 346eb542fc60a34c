package org.warrenmq.router;

import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.codec.ReplyCode;

/**
 * The {@code x-delayed-message} exchange type: routes like the type that an argument names, and
 * keeps messages that have to wait. Checks and words are those of RabbitMQ's plugin. Stateless.
 */
final class DelayedMessageType implements ExchangeType {
  private static final String TYPE = "x-delayed-type";

  private final ExchangeTypes types;

  /**
   * @param types those that it may route like
   */
  DelayedMessageType(ExchangeTypes types) {
    this.types = types;
  }

  @Override
  public String name() {
    return ExchangeSpec.DELAYED_TYPE;
  }

  @Override
  public void validate(ExchangeSpec spec) throws ChannelError {
    routesLike(spec).validate(spec);
  }

  @Override
  public void validateBinding(Binding binding) throws ChannelError {
    routesLike(binding.source().spec()).validateBinding(binding);
  }

  /** The type that the arguments name. */
  private ExchangeType routesLike(ExchangeSpec spec) throws ChannelError {
    String name = named(spec.arguments());
    if (name == null) {
      throw refused("Invalid argument, 'x-delayed-type' must be an existing exchange type");
    }
    if (name.equals(ExchangeSpec.DELAYED_TYPE)) {
      throw refused("Invalid argument, 'x-delayed-message' can't be used for 'x-delayed-type'");
    }
    ExchangeType type = types.find(name);
    if (type == null) {
      throw refused("unknown exchange type '" + name + "'");
    }
    return type;
  }

  private static @Nullable String named(FieldTable arguments) {
    return arguments.get(TYPE) instanceof FieldValue.LongString(String name) ? name : null;
  }

  private static ChannelError refused(String text) {
    return new ChannelError(ReplyCode.PRECONDITION_FAILED, text);
  }

  @Override
  public Matcher newMatcher(ExchangeSpec spec) {
    return routesLike(spec).newMatcher(spec);
  }
}
