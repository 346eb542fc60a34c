package org.warrenmq.broker.topology;

import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldValue;

/** What one key of a policy may say; the rules and words are RabbitMQ's. */
@FunctionalInterface
interface PolicyValue {
  PolicyValue ANY = _ -> null;

  /** What is wrong with a value, or null. */
  @Nullable String fault(FieldValue value);

  private static String invalid(FieldValue value, String what) {
    return JsonTerm.of(value) + " is not a valid " + what;
  }

  /** A whole number. */
  static PolicyValue integer(String what) {
    return value -> value.isInteger() ? null : invalid(value, what);
  }

  /** A whole number that is not too small. */
  static PolicyValue number(String what, long least) {
    return value -> value.isInteger() && value.asLong() >= least ? null : invalid(value, what);
  }

  /** A number with or without a fraction. */
  static PolicyValue between(String what, double least, double most) {
    return value -> {
      double number = ArgumentRule.number(value);
      return number >= least && number <= most ? null : invalid(value, what);
    };
  }

  static PolicyValue text(String what) {
    return value -> value instanceof FieldValue.LongString ? null : invalid(value, what);
  }

  static PolicyValue oneOf(String what, String... allowed) {
    List<String> all = List.of(allowed);
    return value ->
        value instanceof FieldValue.LongString(String text) && all.contains(text)
            ? null
            : invalid(value, what);
  }

  static PolicyValue version() {
    return value ->
        value.isInteger() && (value.asLong() == 1 || value.asLong() == 2)
            ? null
            : invalid(value, "queue-version value");
  }

  /** A number and a unit, from years to seconds. */
  static PolicyValue age() {
    Pattern age = Pattern.compile("[1-9]\\d{0,17}[YMDhms]");
    return value ->
        value instanceof FieldValue.LongString(String text) && age.matcher(text).matches()
            ? null
            : invalid(value, "max age");
  }

  static PolicyValue filterSize() {
    return value ->
        value.isInteger() && value.asLong() >= 16 && value.asLong() <= 255
            ? null
            : invalid(value, "filter size. Valid range is 16-255");
  }
}
