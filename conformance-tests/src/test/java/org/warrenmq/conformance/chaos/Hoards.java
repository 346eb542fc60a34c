package org.warrenmq.conformance.chaos;

import static org.warrenmq.conformance.chaos.Wire.PERSISTENT;
import static org.warrenmq.conformance.chaos.Wire.TRANSIENT;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.SplittableRandom;

/** Clients that have the broker keep more than they sent; each act on its session's thread. */
final class Hoards {
  private static final int MEGABYTE = 1_000_000;
  private static final int LARGE = 5 * MEGABYTE;
  private static final int BATCH = 500;
  private static final int CONSUMERS = 12;
  private static final int CHANNELS = 1_500;
  private static final int RECEIVERS = 4;

  private Hoards() {}

  static void chainGets(Session session) throws IOException {
    Intruder client = session.narrowClient();
    String queue = session.exclusive(client, "chain");
    client.send(Wire.publish(1, "", queue, TRANSIENT, new byte[64_000]));
    long tag = 0;
    while (!session.isOver()) {
      var chain = new ByteArrayOutputStream();
      for (int i = 0; i < BATCH; i++) {
        chain.writeBytes(Wire.get(1, queue, false));
        chain.writeBytes(Wire.requeue(1, ++tag));
      }
      client.send(chain.toByteArray());
    }
  }

  static void leaveOneUnacked(Session session) throws IOException {
    Intruder client = session.client();
    String queue = session.exclusive(client, "stuck");
    client.ask(Wire.qos(1, 2 * BATCH), 60, 11);
    client.ask(Wire.consume(1, queue, false), 60, 21);
    byte[] publishes = Wire.repeat(Wire.publish(1, "", queue, TRANSIENT, new byte[1]), BATCH);
    client.send(publishes);
    client.await(60, 60);
    long tag = 1;
    while (!session.isOver()) {
      client.send(publishes);
      var acks = new ByteArrayOutputStream();
      for (int i = 0; i < BATCH; i++) {
        client.await(60, 60);
        acks.writeBytes(Wire.ack(1, ++tag));
      }
      client.send(acks.toByteArray());
    }
  }

  static void ackNothing(Session session) throws IOException {
    Intruder client = session.client();
    String queue = session.either(client, "unacked");
    client.ask(Wire.consume(1, queue, false), 60, 21);
    session.beside(client::swallowAll);
    int size = session.random.nextInt(20, 4_000);
    byte[] publishes = Wire.repeat(Wire.publish(1, "", queue, PERSISTENT, new byte[size]), 100);
    while (!session.isOver()) {
      client.send(publishes);
    }
  }

  static void fillManyQueues(Session session) throws IOException, InterruptedException {
    Intruder client = session.client();
    client.ask(Wire.confirmSelect(1), 85, 11);
    for (int i = 0; i < 40; i++) {
      String queue = session.durable(client, "one." + i);
      client.ask(Wire.publish(1, "", queue, PERSISTENT, new byte[MEGABYTE]), 60, 80);
    }
    session.linger();
  }

  static void readNothing(Session session) throws IOException {
    Intruder publisher = session.client();
    String exchange = session.name("all");
    publisher.ask(Wire.exchange(1, exchange, "fanout"), 40, 11);
    boolean noAck = session.random.nextBoolean();
    for (int i = 0; i < CONSUMERS; i++) {
      Intruder consumer = session.narrowClient();
      String queue = session.exclusive(consumer, "deaf." + i);
      consumer.ask(Wire.bind(1, queue, exchange, ""), 50, 21);
      consumer.ask(Wire.consume(1, queue, noAck), 60, 21);
    }
    byte[] publish = Wire.publish(1, exchange, "", TRANSIENT, new byte[100_000]);
    while (!session.isOver()) {
      publisher.send(publish);
    }
  }

  static void beginBodies(Session session) throws IOException, InterruptedException {
    Intruder client = session.client();
    for (int channel = 2; channel <= CHANNELS; channel++) {
      client.send(Wire.openChannel(channel));
    }
    for (int channel = 2; channel <= CHANNELS; channel++) {
      client.await(20, 11);
    }
    int announced = session.random.nextInt(2, 2 * MEGABYTE);
    for (int channel = 1; channel <= CHANNELS; channel++) {
      client.send(
          Wire.publish(channel, "", "nowhere", Wire.properties(TRANSIENT), new byte[1], announced));
    }
    session.linger();
  }

  static void abandonTransactions(Session session) throws IOException, InterruptedException {
    Intruder client = session.client();
    String queue = session.either(client, "tx");
    client.ask(Wire.txSelect(1), 90, 11);
    int size = session.random.nextInt(12, 2_000);
    byte[] publishes = Wire.repeat(Wire.publish(1, "", queue, PERSISTENT, new byte[size]), BATCH);
    while (!session.isOver()) {
      for (int i = session.random.nextInt(1, 12); i > 0; i--) {
        client.send(publishes);
      }
      if (session.random.nextInt(4) == 0) {
        session.linger();
      } else {
        client.ask(Wire.txRollback(1), 90, 31);
      }
    }
  }

  static void vanishWhileReceiving(Session session) throws IOException, InterruptedException {
    Intruder publisher = session.client();
    publisher.ask(Wire.confirmSelect(1), 85, 11);
    String queue = session.durable(publisher, "large");
    int mode = session.random.nextBoolean() ? PERSISTENT : TRANSIENT;
    for (int i = 0; i < RECEIVERS; i++) {
      publisher.ask(Wire.publish(1, "", queue, mode, new byte[LARGE]), 60, 80);
    }
    SplittableRandom dice = session.random.split();
    int[] appetites = dice.ints(RECEIVERS, LARGE / 10, LARGE * 8 / 10).toArray();
    boolean noAck = dice.nextBoolean();
    session.inParallel(
        RECEIVERS,
        number -> {
          Intruder receiver = session.client();
          receiver.send(Wire.get(1, queue, noAck));
          receiver.swallow(appetites[number]);
          receiver.reset();
        });
  }
}
