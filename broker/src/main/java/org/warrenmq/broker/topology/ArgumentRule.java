package org.warrenmq.broker.topology;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;

/** What one argument of a declaration may be; the rules and words are RabbitMQ's. */
@FunctionalInterface
interface ArgumentRule {
  ArgumentRule ANY = (_, _) -> null;
  ArgumentRule INTEGER = (value, _) -> integer(value);
  ArgumentRule NOT_NEGATIVE = (value, _) -> notNegative(value);
  ArgumentRule POSITIVE = (value, _) -> positive(value);
  ArgumentRule PRIORITY = (value, _) -> atMost(255, "max_value_exceeded", value);
  ArgumentRule BOOL = (value, _) -> value instanceof FieldValue.Bool ? null : unacceptable(value);
  ArgumentRule MODE = (value, _) -> mode(value);
  ArgumentRule VERSION = (value, _) -> version(value);
  ArgumentRule DEAD_LETTER_KEY = ArgumentRule::deadLetterKey;
  ArgumentRule GROUP_HEADER = ArgumentRule::groupHeader;

  /**
   * What is wrong with a value, in RabbitMQ's notation, or null.
   *
   * @param all the arguments beside it
   */
  @Nullable String fault(FieldValue value, FieldTable all);

  /** A time in milliseconds, up to what RabbitMQ 4 takes: ten years. */
  static ArgumentRule millis(long least) {
    return (value, _) -> {
      String fault = least > 0 ? positive(value) : null;
      return fault == null ? atMost(315_360_000_000L, "value_too_large", value) : fault;
    };
  }

  /** A whole number from 1 to a largest one. */
  static ArgumentRule positiveUpTo(long most) {
    return (value, _) -> {
      String fault = positive(value);
      return fault == null ? atMost(most, "value_too_large", value) : fault;
    };
  }

  /** A text that is not empty. */
  static ArgumentRule named(String fault) {
    return (value, _) -> {
      String other = text(value);
      return other == null && value.display().isEmpty() ? fault : other;
    };
  }

  /** A number with or without a fraction, from one value to another. */
  static ArgumentRule between(double least, double most) {
    return (value, _) -> {
      double number = number(value);
      if (Double.isNaN(number)) {
        return "\"expected number, got " + value.typeName() + "\"";
      }
      return number >= least && number <= most
          ? null
          : "{value_out_of_range," + value.display() + "}";
    };
  }

  /** The number that a value is, whole or not; NaN when it is none. */
  static double number(FieldValue value) {
    return switch (value) {
      case FieldValue.Float32(float number) -> number;
      case FieldValue.Float64(double number) -> number;
      case FieldValue.Decimal(int scale, int unscaled) -> unscaled / Math.pow(10, scale);
      default -> value.isInteger() ? value.asLong() : Double.NaN;
    };
  }

  static ArgumentRule oneOf(Set<String> allowed, String fault) {
    return (value, _) -> {
      if (value instanceof FieldValue.LongString(String text)) {
        return allowed.contains(text) ? null : fault;
      }
      return unacceptable(value);
    };
  }

  private static @Nullable String integer(FieldValue value) {
    return value.isInteger() ? null : "\"expected integer, got " + value.typeName() + "\"";
  }

  private static @Nullable String notNegative(FieldValue value) {
    String fault = integer(value);
    if (fault == null && value.asLong() < 0) {
      return "{value_negative," + value.asLong() + "}";
    }
    return fault;
  }

  private static @Nullable String positive(FieldValue value) {
    String fault = notNegative(value);
    return fault == null && value.asLong() == 0 ? "{value_zero,0}" : fault;
  }

  private static @Nullable String atMost(long most, String tooMuch, FieldValue value) {
    String fault = notNegative(value);
    return fault == null && value.asLong() > most
        ? "{" + tooMuch + "," + value.asLong() + "}"
        : fault;
  }

  private static @Nullable String version(FieldValue value) {
    String fault = notNegative(value);
    return fault == null && value.asLong() != 1 && value.asLong() != 2
        ? "\"unsupported queue version '" + value.asLong() + "'\""
        : fault;
  }

  private static @Nullable String text(FieldValue value) {
    return value instanceof FieldValue.LongString ? null : unacceptable(value);
  }

  private static String unacceptable(FieldValue value) {
    return "{unacceptable_type," + value.typeName() + "}";
  }

  private static @Nullable String mode(FieldValue value) {
    String fault = text(value);
    return fault == null && !Set.of("default", "lazy").contains(value.display())
        ? "\"unsupported queue mode '" + value.display() + "'\""
        : fault;
  }

  private static @Nullable String deadLetterKey(FieldValue value, FieldTable all) {
    String fault = text(value);
    return fault == null && !all.contains("x-dead-letter-exchange")
        ? "routing_key_but_no_dlx_defined"
        : fault;
  }

  /** Groups keep an order that priorities break. */
  private static @Nullable String groupHeader(FieldValue value, FieldTable all) {
    String fault = text(value);
    if (fault == null && value.display().isEmpty()) {
      fault = "empty_group_header";
    }
    return fault == null && all.contains("x-max-priority")
        ? "group_header_and_max_priority"
        : fault;
  }
}
