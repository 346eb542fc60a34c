package org.warrenmq.codec;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A value of a field table in RabbitMQ's dialect; every wire type has a record of its own, so that
 * a value goes out as it came in. Immutable, any thread.
 */
public sealed interface FieldValue {

  /** Tag {@code t}. */
  record Bool(boolean value) implements FieldValue {
    public static final Bool TRUE = new Bool(true);
    public static final Bool FALSE = new Bool(false);

    /** The shared constant for the value. */
    public static Bool of(boolean value) {
      return value ? TRUE : FALSE;
    }
  }

  /** Tag {@code b}, a signed octet. */
  record Int8(byte value) implements FieldValue {}

  /** Tag {@code B}, an unsigned octet. */
  record UInt8(int value) implements FieldValue {}

  /** Tag {@code s}, signed, as RabbitMQ reads it (not a short string). */
  record Int16(short value) implements FieldValue {}

  /** Tag {@code u}. */
  record UInt16(int value) implements FieldValue {}

  /** Tag {@code I}. */
  record Int32(int value) implements FieldValue {}

  /** Tag {@code i}. */
  record UInt32(long value) implements FieldValue {}

  /** Tag {@code l}; {@code L} of other dialects is read as the same. */
  record Int64(long value) implements FieldValue {}

  /** Tag {@code f}. */
  record Float32(float value) implements FieldValue {}

  /** Tag {@code d}. */
  record Float64(double value) implements FieldValue {}

  /**
   * Tag {@code D}: {@code unscaled / 10^scale}.
   *
   * @param scale decimal places, 0 to 255
   * @param unscaled the 32 bits of the number
   */
  record Decimal(int scale, int unscaled) implements FieldValue {}

  /** Tag {@code S}: text, though any octets are let through (see {@link WireString}). */
  record LongString(String value) implements FieldValue {}

  /** Tag {@code x}: octets, not to be changed by anybody. */
  record Bytes(byte[] value) implements FieldValue {
    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Bytes that && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(value);
    }

    @Override
    public String toString() {
      return "Bytes" + Arrays.toString(value);
    }
  }

  /** Tag {@code A}. */
  record ArrayValue(List<FieldValue> values) implements FieldValue {
    public ArrayValue {
      values = List.copyOf(values);
    }

    /** An array of the given values. */
    public static ArrayValue of(FieldValue... values) {
      return new ArrayValue(List.of(values));
    }

    // Its values may be nested deeper than any stack: tables know how to deal with that.

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof ArrayValue that && inTable().equals(that.inTable());
    }

    @Override
    public int hashCode() {
      return inTable().hashCode();
    }

    @Override
    public String toString() {
      return display();
    }

    private FieldTable inTable() {
      return FieldTable.of("", this);
    }
  }

  /** Tag {@code T}: seconds since the epoch. */
  record Timestamp(long seconds) implements FieldValue {}

  /** Tag {@code F}: a nested table. */
  record Table(FieldTable value) implements FieldValue {}

  /** Tag {@code V}: no value. */
  enum VoidValue implements FieldValue {
    INSTANCE
  }

  /** Text as a value. */
  static FieldValue of(String value) {
    return new LongString(value);
  }

  /** A number as a 32-bit value. */
  static FieldValue of(int value) {
    return new Int32(value);
  }

  /** A number as a 64-bit value. */
  static FieldValue of(long value) {
    return new Int64(value);
  }

  /** A truth value. */
  static FieldValue of(boolean value) {
    return Bool.of(value);
  }

  /** A nested table as a value. */
  static FieldValue of(FieldTable value) {
    return new Table(value);
  }

  /** Whether it is of one of the integer types; a timestamp is none. */
  default boolean isInteger() {
    return switch (this) {
      case Int8 _, UInt8 _, Int16 _, UInt16 _, Int32 _, UInt32 _, Int64 _ -> true;
      default -> false;
    };
  }

  /**
   * The number, for the integer types and timestamps.
   *
   * @throws IllegalStateException for any other type
   */
  default long asLong() {
    return switch (this) {
      case Int8 v -> v.value;
      case UInt8 v -> v.value;
      case Int16 v -> v.value;
      case UInt16 v -> v.value;
      case Int32 v -> v.value;
      case UInt32 v -> v.value;
      case Int64 v -> v.value;
      case Timestamp v -> v.seconds;
      default -> throw new IllegalStateException("no number: " + typeName());
    };
  }

  /** The type's name as error texts have it. */
  default String typeName() {
    return switch (this) {
      case Bool _ -> "bool";
      case Int8 _ -> "byte";
      case UInt8 _ -> "unsignedbyte";
      case Int16 _ -> "short";
      case UInt16 _ -> "unsignedshort";
      case Int32 _ -> "signedint";
      case UInt32 _ -> "unsignedint";
      case Int64 _ -> "long";
      case Float32 _ -> "float";
      case Float64 _ -> "double";
      case Decimal _ -> "decimal";
      case LongString _ -> "longstr";
      case Bytes _ -> "binary";
      case ArrayValue _ -> "array";
      case Timestamp _ -> "timestamp";
      case Table _ -> "table";
      case VoidValue _ -> "void";
    };
  }

  /** The value as error texts have it: text as it is, everything else as a term. */
  default String display() {
    return TermText.display(this);
  }
}
