package org.warrenmq.broker.routing;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;

/**
 * How a message died in a queue for one reason, once or oftener: an entry of its x-death header.
 * But for the count it tells of the first time. Immutable.
 *
 * @param reason as clients see it
 * @param seconds when, since the epoch
 * @param exchange where it had been published to
 * @param keys by which it was routed; what only BCC named is not among them
 * @param expiration its time to live, if it had one
 */
record Death(
    String queue,
    String reason,
    long count,
    long seconds,
    String exchange,
    List<String> keys,
    @Nullable String expiration) {
  static final String REJECTED = "rejected";

  private static final String QUEUE = "queue";
  private static final String REASON = "reason";
  private static final String COUNT = "count";
  private static final String TIME = "time";
  private static final String EXCHANGE = "exchange";
  private static final String KEYS = "routing-keys";
  private static final String EXPIRATION = "original-expiration";

  Death again() {
    return new Death(queue, reason, count + 1, seconds, exchange, keys, expiration);
  }

  boolean isAt(String otherQueue, String otherReason) {
    return queue.equals(otherQueue) && reason.equals(otherReason);
  }

  /** Whether a client wanted it. */
  boolean isRejection() {
    return reason.equals(REJECTED);
  }

  /** The entry, its fields in RabbitMQ's order. */
  FieldValue toField() {
    FieldTable.Builder fields = FieldTable.builder();
    if (expiration != null) {
      fields.put(EXPIRATION, expiration);
    }
    fields.put(COUNT, count).put(REASON, reason).put(QUEUE, queue);
    fields.put(TIME, new FieldValue.Timestamp(seconds)).put(EXCHANGE, exchange);
    List<FieldValue> values = new ArrayList<>(keys.size());
    for (String key : keys) {
      values.add(FieldValue.of(key));
    }
    return FieldValue.of(fields.put(KEYS, new FieldValue.ArrayValue(values)).build());
  }

  /** Reads the entries of an x-death header that the broker has written. */
  static List<Death> list(FieldValue field) {
    List<Death> deaths = new ArrayList<>();
    if (field instanceof FieldValue.ArrayValue(List<FieldValue> entries)) {
      for (FieldValue entry : entries) {
        if (entry instanceof FieldValue.Table(FieldTable fields)) {
          deaths.add(of(fields));
        }
      }
    }
    return deaths;
  }

  private static Death of(FieldTable fields) {
    return new Death(
        text(fields, QUEUE),
        text(fields, REASON),
        number(fields, COUNT),
        number(fields, TIME),
        text(fields, EXCHANGE),
        texts(fields.get(KEYS)),
        fields.getString(EXPIRATION));
  }

  /** The texts in an array; what is no text is left out. */
  static List<String> texts(@Nullable FieldValue field) {
    List<String> texts = new ArrayList<>();
    if (field instanceof FieldValue.ArrayValue(List<FieldValue> values)) {
      for (FieldValue value : values) {
        if (value instanceof FieldValue.LongString(String text)) {
          texts.add(text);
        }
      }
    }
    return texts;
  }

  private static String text(FieldTable fields, String name) {
    String text = fields.getString(name);
    return text == null ? "" : text;
  }

  private static long number(FieldTable fields, String name) {
    return switch (fields.get(name)) {
      case FieldValue.Int64(long value) -> value;
      case FieldValue.Timestamp(long value) -> value;
      case null, default -> 0;
    };
  }
}
