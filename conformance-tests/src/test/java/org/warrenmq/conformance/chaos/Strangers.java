package org.warrenmq.conformance.chaos;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.SplittableRandom;
import org.warrenmq.conformance.Octets;
import org.warrenmq.conformance.RawConnection;
import org.warrenmq.conformance.RawFrame;
import org.warrenmq.conformance.chaos.Wire.Kind;

/** Clients that do not keep to the protocol, or to its spirit; each act on its session's thread. */
final class Strangers {
  private static final int SOCKETS = 100;
  private static final int CHANNELS = 2_000;
  private static final int DEPTH = 10_000;

  private Strangers() {}

  static void introduceAtLength(Session session) throws IOException, InterruptedException {
    String mechanism = session.random.nextBoolean() ? "X" : "PLAIN";
    byte[] hello =
        Wire.join(
            Wire.PROTOCOL_HEADER, Wire.startOk(Wire.tinyFields(1_000), mechanism, "\0guest\0no"));
    for (int i = 0; i < SOCKETS; i++) {
      session.connect().send(hello);
    }
    session.linger();
  }

  static void sayNothing(Session session) throws IOException, InterruptedException {
    for (int i = 0; i < SOCKETS; i++) {
      switch (session.random.nextInt(3)) {
        case 0 -> session.connect();
        case 1 -> session.connect().send(Wire.PROTOCOL_HEADER);
        default -> session.client();
      }
    }
    session.linger();
  }

  static void sendGarbage(Session session) throws IOException {
    while (!session.isOver()) {
      SplittableRandom random = session.random;
      Intruder intruder = random.nextInt(3) == 0 ? session.connect() : session.client();
      try {
        intruder.send(garbage(random));
        if (random.nextBoolean()) {
          intruder.swallowBriefly();
        }
      } catch (IOException e) {
        // Closed already: the next one, unless the session is over.
        session.charge(0);
      }
      intruder.reset();
    }
  }

  private static byte[] garbage(SplittableRandom random) {
    byte[] octets = new byte[random.nextInt(1, 5_000)];
    random.nextBytes(octets);
    int channel = random.nextInt(3);
    return switch (random.nextInt(5)) {
      case 0 -> octets;
      case 1 -> Wire.frame(random.nextInt(1, 10), channel, octets);
      case 2 -> RawConnection.frame(RawFrame.METHOD, channel, octets, random.nextInt(256));
      case 3 -> new Octets().u8(RawFrame.METHOD).u16(channel).u32(random.nextInt()).toBytes();
      default -> {
        int[] classes = {10, 20, 40, 50, 60, 85, 90};
        int classId = classes[random.nextInt(classes.length)];
        yield Wire.method(channel, Octets.method(classId, random.nextInt(13) * 10).raw(octets));
      }
    };
  }

  static void closeForever(Session session) throws IOException {
    Intruder client = session.client();
    byte[] closes = Wire.repeat(Wire.closeConnection(), 1_000);
    while (!session.isOver()) {
      client.send(closes);
    }
  }

  static void openChannels(Session session) throws IOException, InterruptedException {
    Intruder client = session.client();
    var opens = new ByteArrayOutputStream();
    var closes = new ByteArrayOutputStream();
    for (int channel = 2; channel <= CHANNELS; channel++) {
      opens.writeBytes(Wire.openChannel(channel));
      closes.writeBytes(Wire.closeChannel(channel));
    }
    if (session.random.nextInt(3) == 0) {
      client.send(opens.toByteArray());
      session.linger();
    }
    session.beside(client::swallowAll);
    while (!session.isOver()) {
      client.send(opens.toByteArray());
      client.send(closes.toByteArray());
    }
  }

  static void nestTables(Session session) throws IOException {
    Octets deep = Wire.nestedFields(DEPTH);
    while (!session.isOver()) {
      switch (session.random.nextInt(3)) {
        case 0 -> {
          Intruder stranger = session.connect();
          stranger.send(Wire.join(Wire.PROTOCOL_HEADER, Wire.startOk(deep, "X", "")));
          stranger.reset();
        }
        case 1 -> {
          Intruder client = session.client();
          client.send(Wire.declare(1, session.name("deep.arguments"), Kind.EXCLUSIVE, deep));
          client.reset();
        }
        default -> passOn(session, deep);
      }
    }
  }

  /** Such a table as the headers of messages, there and back. */
  private static void passOn(Session session, Octets deep) throws IOException {
    Intruder client = session.client();
    String queue = session.exclusive(client, "deep." + session.random.nextInt());
    byte[] header = Wire.frame(RawFrame.HEADER, 1, Octets.headerWithTable(0, deep));
    byte[] publish = Wire.join(Wire.publishMethod(1, "", queue), header);
    for (int i = 0; i < 20; i++) {
      client.send(publish);
      client.ask(Wire.get(1, queue, true), 60, 71);
    }
    client.reset();
  }
}
