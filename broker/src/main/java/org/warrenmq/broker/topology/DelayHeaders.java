package org.warrenmq.broker.topology;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.Content;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.codec.PropertyEdit;
import org.warrenmq.engine.message.HeaderMarks;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.MessageTraits;

/**
 * What headers say of when a message leaves an exchange that delays: {@code x-delay}, in
 * milliseconds from its publish, or else {@code x-deliver-at}, a timestamp or milliseconds since
 * 1970. Stateless, any thread.
 *
 * <p>As in RabbitMQ's plugin, a number may also come as text or as a fraction; what is none delays
 * nothing.
 */
final class DelayHeaders {
  private static final String DELAY = "x-delay";
  private static final String DELIVER_AT = "x-deliver-at";
  private static final int MOST_DIGITS = 18;

  private DelayHeaders() {}

  /** When a message with these headers leaves, in milliseconds since 1970: now, or later. */
  static long due(@Nullable FieldTable headers, long now) {
    if (headers == null) {
      return now;
    }
    Long delay = number(headers.get(DELAY));
    if (delay != null) {
      return now + Math.clamp(delay, 0, Long.MAX_VALUE - now);
    }
    return Math.max(now, deliverAt(headers.get(DELIVER_AT), now));
  }

  /** Whether a message with these headers has to wait. */
  static boolean delays(@Nullable FieldTable headers, long now) {
    return due(headers, now) > now;
  }

  static long due(Message message, long now) {
    return due(message.content().view().headers(), now);
  }

  private static long deliverAt(@Nullable FieldValue value, long now) {
    if (value instanceof FieldValue.Timestamp(long seconds)) {
      return seconds > Long.MAX_VALUE / 1000 ? Long.MAX_VALUE : Math.max(0, seconds) * 1000;
    }
    Long millis = number(value);
    return millis == null ? now : millis;
  }

  private static @Nullable Long number(@Nullable FieldValue value) {
    if (value == null) {
      return null;
    }
    return switch (value) {
      case FieldValue.Int8 _,
          FieldValue.UInt8 _,
          FieldValue.Int16 _,
          FieldValue.UInt16 _,
          FieldValue.Int32 _,
          FieldValue.UInt32 _,
          FieldValue.Int64 _ ->
          value.asLong();
      case FieldValue.Float32(float number) -> (long) number;
      case FieldValue.Float64(double number) -> (long) number;
      case FieldValue.LongString(String text) -> number(text);
      default -> null;
    };
  }

  private static @Nullable Long number(String text) {
    int first = text.startsWith("-") ? 1 : 0;
    int digits = text.length() - first;
    if (digits < 1 || digits > MOST_DIGITS) {
      return null;
    }
    for (int i = first; i < text.length(); i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return null;
      }
    }
    return Long.valueOf(text);
  }

  /** Routing keys that it has beside its own. */
  static List<String> furtherKeys(FieldTable headers, HeaderMarks marks) {
    List<String> keys = new ArrayList<>();
    if (!marks.rekeyed()) {
      addKeys(headers.get("CC"), keys);
    }
    if (marks.blind()) {
      addKeys(headers.get("BCC"), keys);
    }
    return keys;
  }

  private static void addKeys(@Nullable FieldValue field, List<String> keys) {
    if (field instanceof FieldValue.ArrayValue(List<FieldValue> values)) {
      for (FieldValue value : values) {
        if (value instanceof FieldValue.LongString(String key)) {
          keys.add(key);
        }
      }
    }
  }

  /**
   * The message as it is delivered: its delay is negative then, as it is over; and what it means to
   * queues is read anew, as the store does not keep that.
   */
  static Message delivered(Message message) {
    Content content = message.content();
    FieldTable headers = headers(content);
    Long delay = number(headers.get(DELAY));
    if (delay != null) {
      FieldTable changed = headers.with(DELAY, negative(delay));
      content =
          new Content(PropertyEdit.withHeaders(content.properties(), changed), content.body());
    }
    return new Message(
        message.exchange(),
        message.routingKey(),
        content,
        MessageTraits.of(content.view(), message.traits().marks()));
  }

  private static FieldTable headers(Content content) {
    FieldTable headers = content.view().headers();
    return headers == null ? FieldTable.EMPTY : headers;
  }

  /** Of the type that the plugin gives it, if that is large enough. */
  private static FieldValue negative(long delay) {
    long negative = -Math.max(delay, -Long.MAX_VALUE);
    return (int) negative == negative
        ? new FieldValue.Int32((int) negative)
        : new FieldValue.Int64(negative);
  }
}
