package org.warrenmq.engine;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.warrenmq.store.SettleReason;

/**
 * A part of a queue that its {@link QueueSettings} ask for; a plain queue has none. The {@link
 * Dispatcher} asks it at these places, in the queue's room.
 */
interface Feature {
  /** When nothing is due. */
  long NEVER = Stamps.NEVER;

  /** Before a message is appended: false refuses it. */
  default boolean admits(Message message, Lane lane) {
    return true;
  }

  /** A message was appended. */
  default void appended(long position, Lane lane, long now) {}

  /** Whether it has to look at the front message, though that may have to be read for it. */
  boolean watchesFront(Lane lane);

  /**
   * Why the front message has to leave now; null when it may stay.
   *
   * @param front its position; it is not cold
   */
  @Nullable SettleReason drops(long front, Lane lane, long now);

  /**
   * When the front message, which may stay now, has to leave though nothing else happens.
   *
   * @param front its position; it is not cold
   */
  default long due(long front, Lane lane) {
    return NEVER;
  }

  /**
   * What settings ask for.
   *
   * @param expiring whether messages have come with a time, which holds whatever is asked for now
   */
  static List<Feature> of(QueueSettings settings, boolean expiring) {
    List<Feature> features = new ArrayList<>(2);
    if (settings.messageTtl() != QueueSettings.UNLIMITED || expiring) {
      features.add(new Expiry(settings.messageTtl()));
    }
    if (settings.maxLength() != QueueSettings.UNLIMITED) {
      features.add(new LengthLimit(settings.maxLength(), settings.overflow()));
    }
    return List.copyOf(features);
  }
}
