package org.warrenmq.router;

import org.warrenmq.codec.FieldValue;
import org.warrenmq.codec.WireString;

/**
 * Header values brought to a form in which {@code equals} means that RabbitMQ lets them match;
 * pure, any thread.
 *
 * <p>All integers and timestamps compare by value, whatever their width; so do float and double,
 * bit by bit; text and binary compare by their octets. Everything else matches its own type only: a
 * double never equals an integer, nor text a number.
 */
final class HeaderValue {
  /** Stands for a value of which only presence counts. */
  static final Object ANY = new Object();

  private HeaderValue() {}

  static Object of(FieldValue value) {
    return switch (value) {
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
