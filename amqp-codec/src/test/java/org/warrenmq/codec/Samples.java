package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Random methods, tables, properties and frames from one seed; for the thread of one test. */
final class Samples {
  /** Every method record there is, so that no test can forget one. */
  static final List<Class<?>> METHODS =
      Arrays.stream(Method.class.getPermittedSubclasses())
          .flatMap(group -> Arrays.stream(group.getPermittedSubclasses()))
          .toList();

  private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789._-";
  private static final String WIDE = "äßéλЖ中文字\uD83D\uDE00\uD83D\uDC07 \u0000\u007F\u0080";

  /** Where a width or a sign ends. */
  private static final long[] NUMBERS = {
    0,
    1,
    -1,
    Byte.MAX_VALUE,
    Byte.MIN_VALUE,
    0xFF,
    Short.MAX_VALUE,
    Short.MIN_VALUE,
    0xFFFF,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    0xFFFF_FFFFL,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  /** Where a word of eight octets, a signed octet, an octet and all there may be end. */
  private static final int[] LENGTHS = {0, 1, 7, 8, 9, 127, 128, 255, 256, Integer.MAX_VALUE};

  /** Where the ranges begin and end that UTF-8 sorts octets into. */
  private static final byte[] OCTETS =
      Bytes.hex("00 01 41 7f 80 8f 90 9f a0 bf c0 c1 c2 df e0 ed ef f0 f4 f5 ff");

  final SplittableRandom random;

  Samples(long seed) {
    this.random = new SplittableRandom(seed);
  }

  String name() {
    return pick(ALPHABET, random.nextInt(30));
  }

  /** Valid text of all sorts, at most 120 octets. */
  String text() {
    return switch (random.nextInt(4)) {
      case 0 -> "";
      case 1 -> wide(random.nextInt(30));
      default -> name();
    };
  }

  /** Text from any octets, valid or not. */
  String anyOctets() {
    byte[] octets = bytes(40);
    return WireString.decode(octets, 0, octets.length);
  }

  /** Valid text of exactly so many octets. */
  String text(int octets) {
    int[] points = (random.nextBoolean() ? WIDE : ALPHABET).codePoints().toArray();
    StringBuilder text = new StringBuilder();
    int left = octets;
    while (left > 0) {
      String next = Character.toString(points[random.nextInt(points.length)]);
      int length = next.getBytes(StandardCharsets.UTF_8).length;
      text.append(length <= left ? next : "x");
      left -= length <= left ? length : 1;
    }
    return text.toString();
  }

  /** At most so many octets: any, or ASCII, or those that UTF-8 cares about. */
  byte[] octets(int most) {
    byte[] octets = random(length(most));
    int kind = random.nextInt(3);
    for (int i = 0; i < octets.length && kind > 0; i++) {
      octets[i] = kind == 1 ? (byte) (octets[i] & 0x7F) : OCTETS[random.nextInt(OCTETS.length)];
    }
    return octets;
  }

  /** A length up to the given one, every second time one where something ends. */
  int length(int most) {
    return random.nextBoolean()
        ? random.nextInt(most + 1)
        : Math.min(most, LENGTHS[random.nextInt(LENGTHS.length)]);
  }

  /** Any number, every fourth time one where something ends. */
  long number() {
    return random.nextInt(4) == 0 ? NUMBERS[random.nextInt(NUMBERS.length)] : random.nextLong();
  }

  byte[] bytes(int limit) {
    return random(random.nextInt(limit));
  }

  private byte[] random(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  FieldTable table(boolean clientTypes) {
    return table(clientTypes, 3);
  }

  private FieldTable table(boolean clientTypes, int depth) {
    FieldTable.Builder table = FieldTable.builder();
    for (int i = random.nextInt(6); i > 0; i--) {
      table.put(
          clientTypes || random.nextBoolean() ? text() : anyOctets(), value(clientTypes, depth));
    }
    return table.build();
  }

  FieldValue value(boolean clientTypes, int depth) {
    // The types the Java client writes as it read them come first.
    int types = clientTypes ? 13 : 17;
    return switch (random.nextInt(types)) {
      case 0 -> FieldValue.of(random.nextBoolean());
      case 1 -> new FieldValue.Int8((byte) number());
      case 2 -> new FieldValue.Int16((short) number());
      case 3 -> new FieldValue.Int32((int) number());
      case 4 -> new FieldValue.Int64(number());
      case 5 -> new FieldValue.Float32((float) random.nextDouble());
      case 6 -> new FieldValue.Float64(random.nextDouble());
      case 7 -> new FieldValue.Decimal(random.nextInt(10), (int) number());
      case 8 -> new FieldValue.LongString(clientTypes ? text() : anyOctets());
      case 9 -> new FieldValue.Bytes(bytes(20));
      case 10 -> depth == 0 ? FieldValue.of(1) : array(clientTypes, depth - 1);
      case 11 -> depth == 0 ? FieldValue.of(2) : FieldValue.of(table(clientTypes, depth - 1));
      case 12 -> new FieldValue.Timestamp(random.nextLong(1L << 40));
      case 13 -> new FieldValue.UInt8((int) number() & 0xFF);
      case 14 -> new FieldValue.UInt16((int) number() & 0xFFFF);
      case 15 -> new FieldValue.UInt32(number() & 0xFFFF_FFFFL);
      default ->
          random.nextBoolean()
              ? FieldValue.VoidValue.INSTANCE
              : new FieldValue.Int64(random.nextLong());
    };
  }

  private FieldValue array(boolean clientTypes, int depth) {
    List<FieldValue> values = new ArrayList<>();
    for (int i = random.nextInt(5); i > 0; i--) {
      values.add(value(clientTypes, depth));
    }
    return new FieldValue.ArrayValue(values);
  }

  Method method() {
    return method(METHODS.get(random.nextInt(METHODS.size())));
  }

  Method method(Class<?> type) {
    RecordComponent[] components = type.getRecordComponents();
    Object[] arguments = new Object[components.length];
    Class<?>[] types = new Class<?>[components.length];
    for (int i = 0; i < components.length; i++) {
      types[i] = components[i].getType();
      arguments[i] = argument(components[i]);
    }
    try {
      return (Method) type.getDeclaredConstructor(types).newInstance(arguments);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(type.getName(), e);
    }
  }

  private Object argument(RecordComponent component) {
    String name = component.getName();
    return switch (component.getType().getSimpleName()) {
      case "boolean" -> random.nextBoolean();
      case "int" -> (int) number() & (name.startsWith("version") ? 0xFF : 0xFFFF);
      case "long" -> name.equals("deliveryTag") ? number() : (Object) (number() & 0xFFFF_FFFFL);
      case "String" -> text();
      case "byte[]" -> bytes(30);
      case "FieldTable" -> table(true);
      default -> throw new AssertionError("no sample for " + component);
    };
  }

  Properties properties() {
    return Properties.builder()
        .contentType(maybe() ? text() : null)
        .contentEncoding(maybe() ? text() : null)
        .headers(maybe() ? table(true) : null)
        .deliveryMode(maybe() ? (Integer) random.nextInt(1, 3) : null)
        .priority(maybe() ? (Integer) ((int) number() & 0xFF) : null)
        .correlationId(maybe() ? text() : null)
        .replyTo(maybe() ? text() : null)
        .expiration(maybe() ? text() : null)
        .messageId(maybe() ? text() : null)
        .timestamp(maybe() ? (Long) random.nextLong(1L << 40) : null)
        .type(maybe() ? text() : null)
        .userId(maybe() ? text() : null)
        .appId(maybe() ? text() : null)
        .clusterId(maybe() ? text() : null)
        .build();
  }

  Frame frame() {
    int channel = (int) number() & 0xFFFF;
    return switch (random.nextInt(7)) {
      case 0, 1 -> new MethodFrame(channel, method());
      case 2 -> new HeaderFrame(channel, 60, number(), propertyOctets());
      case 3 -> Heartbeat.INSTANCE;
      case 4 -> new BodyFrame(channel, Unpooled.wrappedBuffer(bytes(4000)));
      case 5 -> new BodyFrame(channel, Unpooled.wrappedBuffer(random(length(4096))));
      default -> new BodyFrame(channel, Unpooled.wrappedBuffer(bytes(20)));
    };
  }

  List<Frame> frames(int count) {
    List<Frame> frames = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      frames.add(frame());
    }
    return frames;
  }

  private ByteBuf propertyOctets() {
    return Unpooled.wrappedBuffer(properties().encode());
  }

  private boolean maybe() {
    return random.nextBoolean();
  }

  private String pick(String from, int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append(from.charAt(random.nextInt(from.length())));
    }
    return text.toString();
  }

  private String wide(int length) {
    int[] points = WIDE.codePoints().toArray();
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.appendCodePoint(points[random.nextInt(points.length)]);
    }
    return text.toString();
  }
}
