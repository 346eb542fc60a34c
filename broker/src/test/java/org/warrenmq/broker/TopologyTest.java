package org.warrenmq.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.warrenmq.broker.TestBroker.await;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Declares and deletes of the same few names from many connections at once. */
class TopologyTest {
  private static final int THREADS = 8;
  private static final int STEPS = 240;
  private static final List<String> NAMES = List.of("race-a", "race-b", "race-c");

  private static final int NOT_FOUND = 404;
  private static final int LOCKED = 405;
  private static final int PRECONDITION = 406;

  @AutoClose private static TestBroker broker;

  @BeforeAll
  static void start() throws Exception {
    broker = TestBroker.start();
  }

  /** What a racer does with a name; it may end in one of the errors it expects. */
  private interface Step {
    void run(Racer racer, String name) throws Exception;
  }

  /** One thread's connection; its channel is opened anew after an error. */
  private static final class Racer implements AutoCloseable {
    final Connection connection;
    final SplittableRandom random;
    Channel channel;
    int refused;

    Racer(long seed) throws Exception {
      connection = broker.connect();
      random = new SplittableRandom(seed);
      channel = connection.createChannel();
    }

    /** Runs a step; an error closes the channel, and must be one of these. */
    void attempt(Step step, String name, Set<Integer> expected, String text) throws Exception {
      try {
        step.run(this, name);
      } catch (IOException | ShutdownSignalException e) {
        ShutdownSignalException signal =
            e instanceof ShutdownSignalException direct
                ? direct
                : (ShutdownSignalException) e.getCause();
        assertThat(signal).as("no shutdown behind %s", e).isNotNull();
        assertThat(signal.isHardError()).as("%s", signal).isFalse();
        AMQP.Channel.Close close = (AMQP.Channel.Close) signal.getReason();
        assertThat(close.getReplyCode()).as("%s", close.getReplyText()).isIn(expected);
        assertThat(close.getReplyText()).contains("'" + name + "'").containsPattern(text);
        refused++;
        channel = connection.createChannel();
      }
    }

    @Override
    public void close() throws IOException {
      connection.close((int) TestBroker.LIMIT.toMillis());
    }
  }

  private static void race(RacerBody body) throws Exception {
    CountDownLatch ready = new CountDownLatch(THREADS);
    try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      List<Future<?>> ends = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        int seed = i;
        ends.add(
            threads.submit(
                () -> {
                  try (Racer racer = new Racer(seed)) {
                    ready.countDown();
                    ready.await();
                    body.run(racer, seed);
                  }
                  return null;
                }));
      }
      for (Future<?> end : ends) {
        end.get(60, TimeUnit.SECONDS);
      }
    }
  }

  /** All that one thread does. */
  private interface RacerBody {
    void run(Racer racer, int number) throws Exception;
  }

  /** Each name can be declared, used and deleted, however it was used before. */
  private static void allUsable(List<String> names) throws Exception {
    try (Connection connection = broker.connect()) {
      Channel channel = connection.createChannel();
      for (String name : names) {
        channel.queueDelete(name);
        assertThat(channel.queueDeclare(name, false, false, false, null).getMessageCount())
            .isZero();
        channel.basicPublish("", name, null, name.getBytes(UTF_8));
        assertThat(channel.basicGet(name, true).getBody()).asString().isEqualTo(name);
        assertThat(channel.queueDelete(name).getMessageCount()).isZero();
        Channel passive = connection.createChannel();
        assertThatThrownBy(() -> passive.queueDeclarePassive(name))
            .cause()
            .hasMessageContaining("NOT_FOUND");
      }
    }
  }

  @Test
  @DisplayName("declare, publish, delete (also if-empty, if-unused) and consume of the same names")
  void declareAndDelete() throws Exception {
    race(
        (racer, _) -> {
          for (int i = 0; i < STEPS; i++) {
            String name = NAMES.get(racer.random.nextInt(NAMES.size()));
            switch (racer.random.nextInt(8)) {
              case 0, 1 ->
                  racer.attempt(
                      (r, n) -> r.channel.queueDeclare(n, false, false, false, null),
                      name,
                      Set.of(),
                      "");
              case 2 -> racer.attempt((r, n) -> r.channel.queueDelete(n), name, Set.of(), "");
              case 3 ->
                  racer.attempt(
                      (r, n) -> r.channel.queueDelete(n, false, true),
                      name,
                      Set.of(PRECONDITION),
                      "not empty$");
              case 4 ->
                  racer.attempt(
                      (r, n) -> r.channel.queueDelete(n, true, false),
                      name,
                      Set.of(PRECONDITION),
                      "in use$");
              case 5 -> racer.channel.basicPublish("", name, null, new byte[10]);
              case 6 ->
                  racer.attempt(
                      (r, n) -> {
                        r.channel.queueBind(n, "amq.topic", "race.#");
                        r.channel.queuePurge(n);
                      },
                      name,
                      Set.of(NOT_FOUND),
                      "^NOT_FOUND - no queue");
              default ->
                  racer.attempt(
                      TopologyTest::consumeAndCancel, name, Set.of(NOT_FOUND), "no queue");
            }
          }
        });
    allUsable(NAMES);
  }

  private static void consumeAndCancel(Racer racer, String name) throws IOException {
    Channel channel = racer.channel;
    String tag = channel.basicConsume(name, true, new DefaultConsumer(channel));
    if (racer.random.nextBoolean()) {
      channel.queueDeclarePassive(name);
    }
    try {
      channel.basicCancel(tag);
    } catch (IOException e) {
      // The client itself does not know the tag any more when the queue was deleted meanwhile.
      if (e.getCause() != null || !channel.isOpen()) {
        throw e;
      }
    }
  }

  @Test
  @DisplayName("auto-delete queues lose their last consumer while others declare and consume")
  void autoDelete() throws Exception {
    race(
        (racer, _) -> {
          for (int i = 0; i < STEPS; i++) {
            String name = NAMES.get(racer.random.nextInt(NAMES.size()));
            boolean byClose = racer.random.nextInt(3) == 0;
            racer.attempt(
                (r, n) -> {
                  r.channel.queueDeclare(n, false, false, true, null);
                  String tag = r.channel.basicConsume(n, true, new DefaultConsumer(r.channel));
                  if (byClose) {
                    r.channel.close();
                    r.channel = r.connection.createChannel();
                  } else {
                    r.channel.basicCancel(tag);
                  }
                },
                name,
                // Between declare and consume another's last consumer may have gone.
                Set.of(NOT_FOUND),
                "no queue");
          }
        });
    // Every consumer is gone: so is every queue that had one last.
    try (Connection connection = broker.connect()) {
      for (String name : NAMES) {
        Channel channel = connection.createChannel();
        channel.queueDeclare(name, false, false, true, null);
        String tag = channel.basicConsume(name, true, new DefaultConsumer(channel));
        channel.basicCancel(tag);
        assertThatThrownBy(() -> channel.queueDeclarePassive(name))
            .cause()
            .hasMessageContaining("NOT_FOUND");
      }
    }
    allUsable(NAMES);
  }

  @Test
  @DisplayName("exclusive and shared declares of the same names, with connections that come and go")
  void exclusive() throws Exception {
    race(
        (racer, number) -> {
          for (int i = 0; i < STEPS / 8; i++) {
            String name = NAMES.get(racer.random.nextInt(NAMES.size()));
            try (Racer brief = new Racer(1000L * number + i)) {
              brief.attempt(
                  (r, n) -> {
                    r.channel.queueDeclare(n, false, true, false, null);
                    r.channel.queueDeclare(n, false, true, false, null);
                    r.channel.basicPublish("", n, null, new byte[1]);
                    assertThat(r.channel.basicGet(n, true)).isNotNull();
                  },
                  name,
                  Set.of(LOCKED),
                  "^RESOURCE_LOCKED");
              if (brief.random.nextBoolean()) {
                brief.connection.abort();
              }
            } catch (ShutdownSignalException e) {
              assertThat(e.isInitiatedByApplication()).isTrue();
            }
            racer.attempt((r, n) -> r.channel.queueDelete(n), name, Set.of(LOCKED), "LOCKED");
          }
        });
    for (String name : NAMES) {
      await(name + " is free")
          .until(
              () -> {
                try (Connection connection = broker.connect()) {
                  connection.createChannel().queueDelete(name);
                  return true;
                } catch (IOException e) {
                  return false;
                }
              });
    }
    allUsable(NAMES);
  }

  @Test
  @DisplayName("exchanges, bindings between them, and deletes if unused")
  void exchanges() throws Exception {
    List<String> names = List.of("race-x", "race-y", "race-z");
    race(
        (racer, _) -> {
          for (int i = 0; i < STEPS; i++) {
            String name = names.get(racer.random.nextInt(names.size()));
            String other = names.get(racer.random.nextInt(names.size()));
            switch (racer.random.nextInt(5)) {
              case 0, 1 ->
                  racer.attempt(
                      (r, n) -> r.channel.exchangeDeclare(n, "topic", false, false, null),
                      name,
                      Set.of(),
                      "");
              case 2 ->
                  racer.attempt(
                      (r, n) -> r.channel.exchangeDelete(n, true),
                      name,
                      Set.of(PRECONDITION),
                      "in use$");
              case 3 -> racer.attempt((r, n) -> r.channel.exchangeDelete(n), name, Set.of(), "");
              default ->
                  racer.attempt(
                      (r, n) -> r.channel.exchangeBind(n, n, other),
                      name,
                      Set.of(NOT_FOUND),
                      "no exchange");
            }
          }
        });
    try (Connection connection = broker.connect()) {
      Channel channel = connection.createChannel();
      for (String name : names) {
        channel.exchangeDelete(name);
        channel.exchangeDeclare(name, "fanout", false, true, null);
        channel.exchangeDelete(name);
      }
      assertThat(channel.isOpen()).isTrue();
    }
  }

  @Test
  @DisplayName("a channel's own publish is seen by its delete if-empty, time after time")
  void ownPublishBeforeDeleteIfEmpty() throws Exception {
    race(
        (racer, number) -> {
          // The queue of the neighbour: half of them live on the other loop.
          String name = "own-" + number;
          for (int i = 0; i < STEPS / 4; i++) {
            racer.channel.queueDeclare(name, false, false, false, null);
            racer.channel.basicPublish("", name, null, new byte[1]);
            int before = racer.refused;
            racer.attempt(
                (r, n) -> r.channel.queueDelete(n, false, true),
                name,
                Set.of(PRECONDITION),
                "not empty$");
            assertThat(racer.refused).isEqualTo(before + 1);
            assertThat(racer.channel.queueDelete(name).getMessageCount()).isEqualTo(1);
          }
        });
  }

  @Test
  @DisplayName("once cancel-ok is there, an auto-delete queue is gone for declares and binds")
  void goneAfterCancelOk() throws Exception {
    race(
        (racer, number) -> {
          String name = "gone-" + number;
          for (int i = 0; i < STEPS / 4; i++) {
            racer.channel.queueDeclare(name, false, false, true, Map.of("x-max-length", i));
            String tag = racer.channel.basicConsume(name, true, new DefaultConsumer(racer.channel));
            racer.channel.basicCancel(tag);
            int before = racer.refused;
            Step look =
                i % 2 == 0
                    ? (r, n) -> r.channel.queueDeclarePassive(n)
                    : (r, n) -> r.channel.queueBind(n, "amq.direct", "k");
            racer.attempt(look, name, Set.of(NOT_FOUND), "no queue");
            assertThat(racer.refused).isEqualTo(before + 1);
          }
        });
  }
}
