package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;
import java.util.Map;
import org.warrenmq.codec.FieldValue.ArrayValue;
import org.warrenmq.codec.FieldValue.Bool;
import org.warrenmq.codec.FieldValue.Bytes;
import org.warrenmq.codec.FieldValue.Decimal;
import org.warrenmq.codec.FieldValue.Float32;
import org.warrenmq.codec.FieldValue.Float64;
import org.warrenmq.codec.FieldValue.LongString;
import org.warrenmq.codec.FieldValue.Table;
import org.warrenmq.codec.FieldValue.VoidValue;

/**
 * Values and octets as reply texts have them, in the term syntax clients know from RabbitMQ.
 * Stateless, any thread. Reply texts are short, so output ends soon after {@value #ENOUGH}
 * characters.
 */
final class TermText {
  private static final int ENOUGH = 512;

  /** Octets that are printed as a letter behind a backslash, and those letters. */
  private static final String ESCAPED = "\"\\\b\t\n\013\f\r\033";

  private static final String ESCAPES = "\"\\btnvfre";

  private TermText() {}

  static String display(FieldValue value) {
    return switch (value) {
      case LongString v -> v.value();
      case Bytes v -> WireString.decode(v.value(), 0, v.value().length);
      default -> {
        StringBuilder text = new StringBuilder();
        term(text, value);
        yield text.toString();
      }
    };
  }

  /** Octets as a binary, as text where all are printable Latin-1. */
  static String binary(byte[] octets) {
    StringBuilder text = new StringBuilder();
    binary(text, octets, isPrintable(octets));
    return text.toString();
  }

  /** The readable octets as a binary of numbers; only as many as a reply text can hold. */
  static String numbers(ByteBuf in, int from, int length) {
    byte[] octets = new byte[Math.min(length, ENOUGH / 2)];
    in.getBytes(from, octets);
    StringBuilder text = new StringBuilder();
    binary(text, octets, false);
    return text.toString();
  }

  private static void term(StringBuilder text, FieldValue value) {
    switch (value) {
      case Bool v -> text.append(v.value());
      case Float32 v -> text.append(number(Double.toString(v.value())));
      case Float64 v -> text.append(number(Double.toString(v.value())));
      case Decimal v ->
          text.append('{').append(v.scale()).append(',').append(v.unscaled()).append('}');
      case LongString v -> binary(text, v.value());
      case Bytes v -> binary(text, v.value(), isPrintable(v.value()));
      case ArrayValue v -> array(text, v);
      case Table v -> table(text, v.value());
      case VoidValue _ -> text.append("undefined");
      default -> text.append(value.asLong());
    }
  }

  private static void array(StringBuilder text, ArrayValue array) {
    text.append('[');
    String separator = "";
    for (FieldValue value : array.values()) {
      if (text.length() > ENOUGH) {
        break;
      }
      text.append(separator).append('{').append(value.typeName()).append(',');
      term(text, value);
      text.append('}');
      separator = ",";
    }
    text.append(']');
  }

  private static void table(StringBuilder text, FieldTable table) {
    text.append('[');
    String separator = "";
    for (Map.Entry<String, FieldValue> entry : table.entries()) {
      if (text.length() > ENOUGH) {
        break;
      }
      text.append(separator).append('{');
      binary(text, entry.getKey());
      text.append(',').append(entry.getValue().typeName()).append(',');
      term(text, entry.getValue());
      text.append('}');
      separator = ",";
    }
    text.append(']');
  }

  private static void binary(StringBuilder text, String value) {
    byte[] octets = WireString.bytes(value);
    binary(text, octets, isPrintable(octets));
  }

  private static void binary(StringBuilder text, byte[] octets, boolean asText) {
    text.append(asText ? "<<\"" : "<<");
    for (int i = 0; i < octets.length && text.length() <= ENOUGH; i++) {
      int octet = octets[i] & 0xFF;
      if (asText) {
        int escape = ESCAPED.indexOf(octet);
        text.append(escape < 0 ? "" : "\\")
            .append(escape < 0 ? (char) octet : ESCAPES.charAt(escape));
      } else {
        text.append(i == 0 ? "" : ",").append(octet);
      }
    }
    text.append(asText ? "\">>" : ">>");
  }

  private static boolean isPrintable(byte[] octets) {
    for (byte octet : octets) {
      int latin = octet & 0xFF;
      boolean plain = (latin >= ' ' && latin <= '~') || latin >= 0xA0;
      if (!plain && ESCAPED.indexOf(latin) < 0) {
        return false;
      }
    }
    return octets.length > 0;
  }

  private static String number(String text) {
    return text.replace('E', 'e');
  }
}
