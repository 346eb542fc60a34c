package org.warrenmq.router;

import java.util.List;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.codec.WireString;

/**
 * Header values brought to a form in which {@code equals} means that RabbitMQ lets them match;
 * pure, any thread.
 *
 * <p>All integers compare by value, whatever their width; so do float and double, bit by bit; text
 * and binary compare by their octets; an empty array equals an empty table. Everything else matches
 * its own type only: a double never equals an integer, nor text a number. A timestamp is a number:
 * of seconds in a binding, but of milliseconds in a message.
 */
final class HeaderValue {
  /** Stands for a value of which only presence counts. */
  static final Object ANY = new Object();

  private static final Object EMPTY = List.of();
  private static final long MILLIS = 1000;

  private HeaderValue() {}

  /** Of a value in a message. */
  static Object of(FieldValue value) {
    if (value instanceof FieldValue.Timestamp(long seconds)) {
      boolean fits = Math.abs((double) seconds) < Long.MAX_VALUE / MILLIS;
      // One beyond the numbers stays a timestamp, which no binding wants.
      return fits ? (Object) (seconds * MILLIS) : value;
    }
    return wanted(value);
  }

  /** Of a value in a binding. */
  static Object wanted(FieldValue value) {
    return switch (value) {
      case FieldValue.ArrayValue(List<FieldValue> values) when values.isEmpty() -> EMPTY;
      case FieldValue.Table(FieldTable table) when table.isEmpty() -> EMPTY;
      case FieldValue.Int8 _,
          FieldValue.UInt8 _,
          FieldValue.Int16 _,
          FieldValue.UInt16 _,
          FieldValue.Int32 _,
          FieldValue.UInt32 _,
          FieldValue.Int64 _,
          FieldValue.Timestamp _ ->
          value.asLong();
      case FieldValue.Float32(float number) -> (double) number;
      case FieldValue.Float64(double number) -> number;
      case FieldValue.LongString(String text) -> text;
      case FieldValue.Bytes(byte[] bytes) -> WireString.decode(bytes, 0, bytes.length);
      case FieldValue.Bool _,
          FieldValue.Decimal _,
          FieldValue.ArrayValue _,
          FieldValue.Table _,
          FieldValue.VoidValue _ ->
          value;
    };
  }

  /** A hash of such a value that senders cannot steer, see {@link KeyHash}. */
  static int hash(Object value) {
    return switch (value) {
      case String text -> KeyHash.of(text, 0, text.length());
      case Long number -> KeyHash.of(number);
      case Double number -> KeyHash.of(Double.doubleToLongBits(number));
      default -> value.hashCode();
    };
  }
}
