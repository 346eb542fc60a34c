package org.warrenmq.conformance;

import com.rabbitmq.client.AMQP;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Random frames from one seed, sensible or not; used by the one thread that sends them. Names come
 * from small pools, so that connections meet at the same queues and exchanges.
 */
final class FuzzFrames {
  static final List<String> QUEUES =
      List.of("fuzz.q0", "fuzz.q1", "fuzz.q2", "fuzz.q3", "fuzz.q4", "fuzz.q5");
  static final List<String> EXCHANGES = List.of("fuzz.x0", "fuzz.x1", "fuzz.x2", "fuzz.x3");

  static final List<String> TYPES =
      List.of("direct", "fanout", "topic", "headers", "headers", "x-unknown");
  private static final List<String> KEYS = List.of("", "a", "a.b", "#", "a.*", "*.b.#", "fuzz.q0");
  private static final List<String> TAGS = List.of("", "", "", "", "", "", "", "t1", "t2", "t3");
  private static final int LARGEST_BODY = 12_000;

  /** Class, method and argument types of every method of the protocol, of either side. */
  private static final List<Signature> METHODS =
      List.of(
              "10.10 ooTSS|10.11 TtSt|10.20 S|10.21 S|10.30 sls|10.31 sls|10.40 ttb|10.41 t",
              "10.50 stss|10.51 |10.60 t|10.61 |10.70 St|10.71 |20.10 t|20.11 S|20.20 b|20.21 b",
              "20.40 stss|20.41 |30.10 tb|30.11 s|40.10 sttbT|40.11 |40.20 stb|40.21 ",
              "40.30 stttbT|40.31 |40.40 stttbT|40.51 |50.10 stbT|50.11 tll|50.20 stttbT|50.21 ",
              "50.30 stb|50.31 l|50.40 stb|50.41 l|50.50 stttT|50.51 |60.10 lsb|60.11 ",
              "60.20 sttbT|60.21 t|60.30 tb|60.31 t|60.40 sttb|60.50 sttt|60.60 tLbtt|60.70 stb",
              "60.71 Lbttl|60.72 t|60.80 Lb|60.90 Lb|60.100 b|60.110 b|60.111 |60.120 Lb",
              "85.10 b|85.11 |90.10 |90.11 |90.20 |90.21 |90.30 |90.31 ")
          .stream()
          .flatMap(line -> Arrays.stream(line.split("\\|")))
          .map(Signature::of)
          .toList();

  private record Signature(int classId, int methodId, String arguments) {
    static Signature of(String text) {
      String[] parts = text.split("[. ]", -1);
      return new Signature(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), parts[2]);
    }
  }

  final SplittableRandom random;
  private final int frameMax;

  FuzzFrames(long seed, int frameMax) {
    this.random = new SplittableRandom(seed);
    this.frameMax = frameMax;
  }

  boolean chance(int percent) {
    return random.nextInt(100) < percent;
  }

  // ---------------------------------------------------------------- what clients do

  /** One request of a client that knows the protocol, with its content if it has some. */
  List<RawFrame> request(int channel) {
    int dice = random.nextInt(100);
    if (dice < 30) {
      return publish(channel);
    }
    Octets method =
        switch (dice / 5) {
          case 6, 7 -> declareQueue();
          case 8, 9 -> queueMethod(60, 70, QUEUES).u8(bits(1));
          case 10, 11 -> consume();
          case 12 ->
              ticketed(50, 20).shortString(pick(QUEUES)).raw(exchangeAndKey()).u8(0).raw(table());
          case 13 -> declareExchange();
          case 14 -> settle();
          case 15 -> settle();
          case 16 -> exchangeRequest();
          case 17 -> queueRequest();
          case 18 -> Octets.method(60, 10).u32(0).u16(random.nextInt(4)).u8(0);
          default -> rarely();
        };
    return List.of(new RawFrame(RawFrame.METHOD, channel, method.toBytes()));
  }

  private List<RawFrame> publish(int channel) {
    var frames = new ArrayList<RawFrame>();
    byte[] body = new byte[chance(70) ? random.nextInt(200) : random.nextInt(LARGEST_BODY)];
    Octets method = ticketed(60, 40).raw(exchangeAndKey()).u8(chance(1) ? 3 : bits(1));
    frames.add(new RawFrame(RawFrame.METHOD, channel, method.toBytes()));
    frames.add(new RawFrame(RawFrame.HEADER, channel, Octets.header(body.length, properties())));
    int from = 0;
    while (from < body.length) {
      int length = Math.min(body.length - from, random.nextInt(1, frameMax - 7));
      byte[] piece = Arrays.copyOfRange(body, from, from + length);
      frames.add(new RawFrame(RawFrame.BODY, channel, piece));
      from += length;
    }
    return frames;
  }

  private AMQP.BasicProperties properties() {
    var properties = new AMQP.BasicProperties.Builder();
    if (chance(50)) {
      properties.deliveryMode(random.nextInt(1, 3)).priority(random.nextInt(10));
    }
    if (chance(20)) {
      properties.replyTo(pick(QUEUES)).correlationId(text()).messageId(text());
    }
    if (chance(5)) {
      properties.userId(chance(50) ? "guest" : "other");
    }
    return properties.build();
  }

  private Octets declareQueue() {
    // Mostly as everybody declares it: exclusive ones by half of the names.
    String name = chance(10) ? "" : pick(QUEUES);
    int usual = QUEUES.indexOf(name) >= QUEUES.size() / 2 ? 4 : 0;
    int flags = chance(80) ? usual : bits(3) << 1;
    int manner = (chance(10) ? 1 : 0) | (chance(15) ? 16 : 0);
    return ticketed(50, 10).shortString(name).u8(flags | manner).raw(table());
  }

  private Octets consume() {
    int flags = (bits(1) << 1) | (chance(5) ? 4 : 0) | (chance(10) ? 8 : 0);
    return queueMethod(60, 20, QUEUES).shortString(pick(TAGS)).u8(flags).raw(table());
  }

  private Octets settle() {
    // Tag 0 with multiple is always right; others mostly are not.
    boolean all = chance(90);
    long tag = all ? 0 : random.nextInt(1, 12);
    int multiple = all || chance(50) ? 1 : 0;
    return switch (random.nextInt(4)) {
      case 0 -> Octets.method(60, 120).u64(tag).u8(multiple | bits(1) << 1);
      case 1 -> chance(30) ? Octets.method(60, 90).u64(tag).u8(bits(1)) : recover();
      default -> Octets.method(60, 80).u64(tag).u8(multiple);
    };
  }

  private Octets recover() {
    return Octets.method(60, chance(50) ? 110 : 100).u8(1);
  }

  private Octets declareExchange() {
    int number = random.nextInt(EXCHANGES.size());
    String type = chance(80) ? TYPES.get(number) : pick(TYPES);
    int flags = (chance(15) ? 1 : 0) | (chance(5) ? bits(3) << 1 : 0) | (chance(15) ? 16 : 0);
    return ticketed(40, 10)
        .shortString(EXCHANGES.get(number))
        .shortString(type)
        .u8(flags)
        .raw(table());
  }

  private Octets exchangeRequest() {
    if (chance(15)) {
      return queueMethod(40, 20, EXCHANGES).u8(bits(2));
    }
    return queueMethod(40, chance(70) ? 30 : 40, EXCHANGES)
        .shortString(pick(EXCHANGES))
        .shortString(pick(KEYS))
        .u8(chance(15) ? 1 : 0)
        .raw(table());
  }

  private Octets queueRequest() {
    return switch (random.nextInt(5)) {
      case 0, 1 -> queueMethod(50, 30, QUEUES).u8(chance(15) ? 1 : 0);
      case 2 -> queueMethod(50, 40, QUEUES).u8(bits(3));
      default -> queueMethod(50, 50, QUEUES).raw(exchangeAndKey()).raw(table());
    };
  }

  private Octets rarely() {
    return switch (random.nextInt(16)) {
      case 0, 1, 2, 3 -> Octets.method(85, 10).u8(bits(1));
      case 4, 5, 6, 7 -> Octets.method(60, 30).shortString(pick(TAGS)).u8(bits(1));
      case 8, 9, 10 -> Octets.method(20, 20).u8(chance(95) ? 1 : 0);
      case 11 -> Octets.method(30, 10).shortString("/data").u8(bits(5));
      case 12 -> Octets.method(90, 10);
      case 13 -> Octets.method(90, chance(50) ? 20 : 30);
      case 14 -> Octets.method(60, 110).u8(bits(1));
      default -> Octets.method(60, 10).u32(chance(10) ? 1 : 0).u16(2).u8(1);
    };
  }

  private static Octets ticketed(int classId, int methodId) {
    return Octets.method(classId, methodId).u16(0);
  }

  private Octets queueMethod(int classId, int methodId, List<String> names) {
    return ticketed(classId, methodId).shortString(chance(2) ? "" : pick(names));
  }

  private byte[] exchangeAndKey() {
    String exchange =
        switch (random.nextInt(4)) {
          case 0, 1 -> "";
          case 2 -> "amq.topic";
          default -> pick(EXCHANGES);
        };
    String key = exchange.isEmpty() ? pick(QUEUES) : pick(KEYS);
    return new Octets().shortString(exchange).shortString(key).toBytes();
  }

  // ---------------------------------------------------------------- what nobody does

  /** Any method of the protocol with arguments of the right types, on any channel. */
  RawFrame anyMethod() {
    Signature signature = METHODS.get(random.nextInt(METHODS.size()));
    Octets out = Octets.method(signature.classId, signature.methodId);
    signature
        .arguments
        .chars()
        .forEach(
            type -> {
              switch (type) {
                case 'o', 'b' -> out.u8(bits(8));
                case 's' -> out.u16(chance(50) ? random.nextInt(4) : bits(16));
                case 'l' -> out.u32(random.nextLong());
                case 'L' -> out.u64(chance(50) ? random.nextInt(10) : random.nextLong());
                case 't' -> out.shortString(text());
                case 'S' -> out.longString(text());
                default -> out.raw(table());
              }
            });
    return new RawFrame(RawFrame.METHOD, anyChannel(), out.toBytes());
  }

  /** A header, body, heartbeat or frame of no known type where none is expected. */
  RawFrame strayFrame() {
    return switch (random.nextInt(5)) {
      case 0 -> new RawFrame(RawFrame.HEADER, anyChannel(), Octets.header(bits(6), properties()));
      case 1 -> new RawFrame(RawFrame.HEADER, anyChannel(), Octets.header(bits(7), bits(30)));
      case 2 -> new RawFrame(RawFrame.BODY, anyChannel(), octets(300));
      case 3 -> new RawFrame(RawFrame.HEARTBEAT, chance(80) ? 0 : anyChannel(), octets(2));
      default -> new RawFrame(bits(8), anyChannel(), octets(40));
    };
  }

  private int anyChannel() {
    return switch (random.nextInt(10)) {
      case 0 -> bits(16);
      case 1 -> 0;
      default -> random.nextInt(1, 4);
    };
  }

  /** A frame's octets with something wrong in them. */
  byte[] mutate(byte[] frame) {
    byte[] wrong = frame.clone();
    int at = random.nextInt(wrong.length);
    switch (random.nextInt(8)) {
      case 0 -> wrong[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> wrong[at] = (byte) bits(8);
      case 2 -> wrong[at] = (byte) (chance(50) ? 255 : 0);
      case 3 -> Arrays.fill(wrong, 3, 7, (byte) (chance(50) ? 255 : 127));
      case 4 -> wrong[3 + random.nextInt(4)] = (byte) bits(8);
      case 5 -> {
        // A longer string or table than there is, somewhere in the arguments.
        int from = Math.min(at, wrong.length - 4);
        Arrays.fill(wrong, from, from + 4, (byte) (chance(50) ? 255 : 1));
      }
      case 6 -> {
        return Arrays.copyOf(wrong, at);
      }
      default -> wrong[wrong.length - 1] = (byte) bits(8);
    }
    return wrong;
  }

  // ---------------------------------------------------------------- values

  private byte[] table() {
    if (chance(92)) {
      return new Octets().table(new Octets()).toBytes();
    }
    var fields = new Octets();
    for (int i = random.nextInt(1, 4); i > 0; i--) {
      String name = chance(50) ? text() : pick(List.of("x-match", "x-priority", "x-expires", "CC"));
      switch (random.nextInt(6)) {
        case 0 -> fields.field(name, 'S', new Octets().longString(text()));
        case 1 -> fields.field(name, 'I', new Octets().u32(bits(16)));
        case 2 -> fields.field(name, 't', new Octets().u8(1));
        case 3 -> fields.field(name, 'V', new Octets());
        case 4 -> fields.field(name, 'F', new Octets().table(new Octets()));
        default -> fields.field(name, 'A', new Octets().longString(""));
      }
    }
    return new Octets().table(fields).toBytes();
  }

  private String text() {
    return switch (random.nextInt(4)) {
      case 0 -> pick(QUEUES);
      case 1 -> pick(EXCHANGES);
      case 2 -> "";
      default -> new String(octets(60), StandardCharsets.ISO_8859_1);
    };
  }

  private byte[] octets(int bound) {
    byte[] octets = new byte[random.nextInt(bound)];
    random.nextBytes(octets);
    return octets;
  }

  private int bits(int count) {
    return (int) (random.nextLong() >>> (64 - count));
  }

  private String pick(List<String> from) {
    return from.get(random.nextInt(from.size()));
  }
}
