package org.warrenmq.router;

import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.PropertyView;

/**
 * What exchanges may ask of a message's properties, each decoded only when one on its way does;
 * used by the routing event loop for the length of one call.
 */
@FunctionalInterface
public interface MessageProperties {
  /** A message without any. */
  MessageProperties NONE = () -> null;

  @Nullable FieldTable headers();

  default @Nullable String messageId() {
    return null;
  }

  default @Nullable String correlationId() {
    return null;
  }

  /** Seconds since the epoch as sent. */
  default @Nullable Long timestamp() {
    return null;
  }

  /** Those of a message as it was published. */
  static MessageProperties of(PropertyView view) {
    return new Viewed(view);
  }

  /** See {@link #of}. */
  record Viewed(PropertyView view) implements MessageProperties {
    @Override
    public @Nullable FieldTable headers() {
      return view.headers();
    }

    @Override
    public @Nullable String messageId() {
      return view.messageId();
    }

    @Override
    public @Nullable String correlationId() {
      return view.correlationId();
    }

    @Override
    public @Nullable Long timestamp() {
      return view.timestamp();
    }
  }
}
