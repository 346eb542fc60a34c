package org.warrenmq.broker.tls;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;

/** Elements of ASN.1, for certificates that tests make. Stateless. */
final class Der {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'").withZone(ZoneOffset.UTC);

  private Der() {}

  static byte[] element(int tag, byte[]... parts) {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    Arrays.stream(parts).forEach(content::writeBytes);
    ByteArrayOutputStream element = new ByteArrayOutputStream();
    element.write(tag);
    int length = content.size();
    if (length >= 0x80) {
      byte[] octets = BigInteger.valueOf(length).toByteArray();
      int from = octets[0] == 0 ? 1 : 0;
      element.write(0x80 | octets.length - from);
      element.write(octets, from, octets.length - from);
    } else {
      element.write(length);
    }
    element.writeBytes(content.toByteArray());
    return element.toByteArray();
  }

  static byte[] sequence(byte[]... parts) {
    return element(0x30, parts);
  }

  static byte[] set(byte[]... parts) {
    return element(0x31, parts);
  }

  static byte[] number(long number) {
    return element(2, BigInteger.valueOf(number).toByteArray());
  }

  static byte[] bits(byte[] octets) {
    return element(3, new byte[1], octets);
  }

  static byte[] octets(byte[] octets) {
    return element(4, octets);
  }

  static byte[] truth() {
    return element(1, new byte[] {(byte) 0xFF});
  }

  static byte[] text(String text) {
    return element(12, text.getBytes(StandardCharsets.UTF_8));
  }

  static byte[] time(Instant instant) {
    return element(24, TIME.format(instant).getBytes(StandardCharsets.US_ASCII));
  }

  static byte[] oid(String dotted) {
    int[] arcs = Arrays.stream(dotted.split("\\.")).mapToInt(Integer::parseInt).toArray();
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    content.write(arcs[0] * 40 + arcs[1]);
    for (int i = 2; i < arcs.length; i++) {
      for (int shift = 28; shift > 0; shift -= 7) {
        if (arcs[i] >> shift != 0) {
          content.write(0x80 | arcs[i] >> shift & 0x7F);
        }
      }
      content.write(arcs[i] & 0x7F);
    }
    return element(6, content.toByteArray());
  }
}
