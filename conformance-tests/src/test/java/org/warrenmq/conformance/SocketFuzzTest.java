package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.ShutdownSignalException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Hostile clients: generated and mutated frames through live sockets, several at a time. Whatever
 * they say, the broker answers in AMQP or ends the socket, keeps nothing of them, and serves
 * others.
 *
 * <p>{@code -Dfuzz.socket.frames} sets how many frames in all, {@code -Dfuzz.seed} repeats one
 * seed.
 */
class SocketFuzzTest extends ConformanceTest {
  private static final long FRAMES = Long.getLong("fuzz.socket.frames", 20_000);
  private static final long[] FIXED_SEEDS = {1, 20_260_101, 918_273_645, -7};
  private static final int AT_ONCE = 6;

  /** Sessions after which the common queues are emptied and the broker is looked at. */
  private static final int BATCH = 60;

  private static final long SESSION_SECONDS = 60;

  private ErrorLog log;

  static LongStream seeds() {
    Long single = Long.getLong("fuzz.seed");
    return single == null
        ? LongStream.concat(LongStream.of(FIXED_SEEDS), LongStream.of(System.nanoTime()))
        : LongStream.of(single);
  }

  @BeforeEach
  void listen() {
    FuzzFrames.QUEUES.forEach(this::removeQueueLater);
    FuzzFrames.EXCHANGES.forEach(this::removeExchangeLater);
    log = ErrorLog.listen();
  }

  @AfterEach
  void stopListening() {
    log.close();
  }

  @ParameterizedTest(name = "-Dfuzz.seed={0}")
  @MethodSource("seeds")
  void survivesHostileClients(long seed) throws Exception {
    boolean single = Long.getLong("fuzz.seed") != null;
    long frames = single ? FRAMES : FRAMES / (FIXED_SEEDS.length + 1);
    System.out.println("fuzz.socket.frames=" + frames + " fuzz.seed=" + seed);
    var heard = new AnswerCheck.Heard();
    heard.queues().addAll(FuzzFrames.QUEUES);
    long sent = 0;
    int session = 0;
    while (sent < frames) {
      declareSome();
      sent += batch(seed, session, heard);
      session += BATCH;
      assertServes();
      assertNothingLocked(heard.queues());
      removeObjects(heard.queues());
      assertThat(log.faults()).as("fuzz.seed=%d", seed).isEmpty();
    }
    assertNoLeak(seed);
    assertHostile(heard, sent);
  }

  /** Sessions that all end in their first words, or never, would test nothing. */
  private static void assertHostile(AnswerCheck.Heard heard, long sent) {
    System.out.println("heard " + new TreeMap<>(heard.methods()));
    assertThat(heard.count("connection.close")).isGreaterThan(sent / 500);
    assertThat(heard.count("channel.close")).isGreaterThan(sent / 500);
    assertThat(heard.count("basic.deliver")).isGreaterThan(sent / 500);
    assertThat(heard.count("queue.declare-ok")).isGreaterThan(sent / 500);
  }

  private long batch(long seed, int first, AnswerCheck.Heard heard) throws Exception {
    long sent = 0;
    Map<FuzzSession, Future<Integer>> running = new LinkedHashMap<>();
    // Bounded, so that a few sessions always overlap; virtual, for each blocks on its socket.
    try (var threads = Executors.newFixedThreadPool(AT_ONCE, Thread.ofVirtual().factory())) {
      for (int i = first; i < first + BATCH; i++) {
        var session = new FuzzSession(broker, mix(seed, i), heard);
        running.put(session, threads.submit(session));
      }
      for (var entry : running.entrySet()) {
        try {
          sent += entry.getValue().get(SESSION_SECONDS, TimeUnit.SECONDS);
        } catch (Exception e) {
          threads.shutdownNow();
          throw new AssertionError("fuzz.seed=" + seed + ": " + entry.getKey(), e);
        }
      }
    }
    return sent;
  }

  /** Neighbouring sessions have nothing in common. */
  private static long mix(long seed, int session) {
    long mixed = (seed + session) * 0x9E3779B97F4A7C15L;
    return (mixed ^ mixed >>> 32) * 0xD6E8FEB86659FD93L;
  }

  private void assertServes() throws Exception {
    try (Connection normal = broker.factory().newConnection()) {
      Channel channel = normal.createChannel();
      String queue = channel.queueDeclare().getQueue();
      channel.confirmSelect();
      channel.basicPublish("", queue, null, bytes("still there"));
      channel.waitForConfirmsOrDie(LIMIT.toMillis());
      GetResponse response = channel.basicGet(queue, true);
      assertThat(response).as("the message just confirmed").isNotNull();
      assertThat(text(response.getBody())).isEqualTo("still there");
    }
  }

  /** No exclusive queue outlives its connection: nothing is locked, and soon. */
  private void assertNothingLocked(Set<String> names) throws Exception {
    for (String name : names) {
      await(name + " is locked by nobody", () -> passiveDeclare(name) != AMQP.RESOURCE_LOCKED);
    }
  }

  /** The code of the refusal, 200 if there is none. */
  private int passiveDeclare(String name) throws Exception {
    Channel channel = newChannel();
    try {
      channel.queueDeclarePassive(name);
      channel.close();
      return AMQP.REPLY_SUCCESS;
    } catch (java.io.IOException e) {
      if (e.getCause() instanceof ShutdownSignalException signal
          && signal.getReason() instanceof AMQP.Channel.Close close) {
        return close.getReplyCode();
      }
      throw e;
    }
  }

  /** What clients expect to be there. */
  private void declareSome() throws Exception {
    for (String name : FuzzFrames.QUEUES.subList(0, FuzzFrames.QUEUES.size() / 2)) {
      channel().queueDeclare(name, false, false, false, null);
    }
    for (int i = 0; i < FuzzFrames.EXCHANGES.size(); i++) {
      channel().exchangeDeclare(FuzzFrames.EXCHANGES.get(i), FuzzFrames.TYPES.get(i));
    }
  }

  private void removeObjects(Set<String> names) throws Exception {
    for (String name : new ArrayList<>(names)) {
      channel().queueDelete(name);
      if (!FuzzFrames.QUEUES.contains(name)) {
        names.remove(name);
      }
    }
    for (String name : FuzzFrames.EXCHANGES) {
      channel().exchangeDelete(name);
    }
  }

  /** Netty reports a lost buffer when it makes others after a collection. */
  private void assertNoLeak(long seed) throws Exception {
    for (int i = 0; i < 3; i++) {
      System.gc();
      assertServes();
    }
    assertThat(log.faults()).as("fuzz.seed=%d", seed).isEmpty();
  }
}
