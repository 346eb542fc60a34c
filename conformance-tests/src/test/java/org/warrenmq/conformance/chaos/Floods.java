package org.warrenmq.conformance.chaos;

import static org.warrenmq.conformance.chaos.Wire.PERSISTENT;
import static org.warrenmq.conformance.chaos.Wire.TRANSIENT;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.SplittableRandom;
import org.warrenmq.conformance.chaos.Wire.Kind;

/** Clients that send more than is good for others; each act on its session's thread. */
final class Floods {
  private static final int LARGE = 5_000_000;
  private static final int CUTS = 8;
  private static final int QUEUES = 300;
  private static final int BATCH = 50;
  private static final int LONGEST_KEY = 250;

  private Floods() {}

  static void sendPropertySets(Session session) throws IOException {
    Intruder client = session.client();
    String queue = session.either(client, "headers");
    if (session.random.nextBoolean()) {
      client.ask(Wire.confirmSelect(1), 85, 11);
    }
    int mode = session.random.nextBoolean() ? PERSISTENT : TRANSIENT;
    String filling = "z".repeat(60_000);
    for (long i = 0; !session.isOver(); i++) {
      var properties = Wire.properties(mode, Map.of("k", i + filling));
      client.send(Wire.publish(1, "", queue, properties, new byte[0], 0));
    }
  }

  static void publishTogether(Session session) throws IOException, InterruptedException {
    Intruder owner = session.client();
    String queue = session.either(owner, "many");
    boolean confirms = session.random.nextBoolean();
    boolean reads = session.random.nextBoolean();
    int mode = session.random.nextBoolean() ? PERSISTENT : TRANSIENT;
    byte[] publishes = Wire.repeat(Wire.publish(1, "", queue, mode, new byte[8_000]), 10);
    session.inParallel(
        session.random.nextInt(10, 80),
        _ -> {
          Intruder client = session.client();
          if (confirms) {
            client.ask(Wire.confirmSelect(1), 85, 11);
          }
          if (reads) {
            session.beside(client::swallowAll);
          }
          while (!session.isOver()) {
            client.send(publishes);
          }
        });
  }

  static void fanOut(Session session) throws IOException, InterruptedException {
    Intruder client = session.client();
    String exchange = session.name("fan");
    client.ask(Wire.exchange(1, exchange, "fanout"), 40, 11);
    for (int i = 0; i < QUEUES; i++) {
      String queue = session.name("fan." + i);
      client.send(Wire.declare(1, queue, Kind.EXCLUSIVE));
      client.send(Wire.bind(1, queue, exchange, ""));
    }
    for (int i = 0; i < QUEUES; i++) {
      client.await(50, 21);
    }
    byte[] publishes = Wire.repeat(Wire.publish(1, exchange, "", TRANSIENT, new byte[12]), 100);
    for (int i = session.random.nextInt(5, 80); i > 0; i--) {
      client.send(publishes);
    }
    session.linger();
  }

  static void cutBodies(Session session) throws IOException, InterruptedException {
    Intruder owner = session.client();
    String queue = session.either(owner, "cut");
    int mode = session.random.nextBoolean() ? PERSISTENT : TRANSIENT;
    int[] lengths = session.random.ints(CUTS, LARGE / 10, LARGE).toArray();
    session.inParallel(
        CUTS,
        number -> {
          Intruder client = session.client();
          byte[] part = new byte[lengths[number]];
          client.send(Wire.publish(1, "", queue, Wire.properties(mode), part, LARGE));
          client.reset();
        });
  }

  static void churnBindings(Session session) throws IOException {
    Intruder client = session.client();
    String exchange = session.name("topic");
    client.ask(Wire.exchange(1, exchange, "topic"), 40, 11);
    String queue = session.exclusive(client, "bound");
    // The exchange goes with its last binding.
    client.ask(Wire.bind(1, queue, exchange, "stays"), 50, 21);
    session.beside(client::swallowAll);
    while (!session.isOver()) {
      var churn = new ByteArrayOutputStream();
      for (int i = 0; i < BATCH; i++) {
        String pattern = key(session.random, "#", "#", "#", "*", "a");
        churn.writeBytes(Wire.bind(1, queue, exchange, pattern));
        String key = key(session.random, "a", "b");
        churn.writeBytes(Wire.publish(1, exchange, key, TRANSIENT, new byte[10]));
        if (session.random.nextInt(3) > 0) {
          churn.writeBytes(Wire.unbind(1, queue, exchange, pattern));
        }
      }
      client.send(churn.toByteArray());
    }
  }

  private static String key(SplittableRandom random, String... words) {
    int length = random.nextInt(1, LONGEST_KEY);
    var key = new StringBuilder(words[random.nextInt(words.length)]);
    while (key.length() < length) {
      key.append('.').append(words[random.nextInt(words.length)]);
    }
    return key.toString();
  }
}
