package org.warrenmq.router;

import org.warrenmq.codec.ChannelError;

/**
 * A kind of exchange, found through {@link java.util.ServiceLoader}; stateless, called by the
 * topology room.
 *
 * <p>The validations reject a declaration or a binding with a {@link ChannelError}, before anything
 * has changed.
 */
public interface ExchangeType {
  /** The name clients declare, such as {@code topic}. */
  String name();

  /** Checks the arguments of a declaration. */
  default void validate(ExchangeSpec spec) throws ChannelError {}

  /** Checks the key, arguments and destination of a binding from an exchange of this type. */
  default void validateBinding(Binding binding) throws ChannelError {}

  /** The empty index of a new exchange. */
  Matcher newMatcher(ExchangeSpec spec);
}
