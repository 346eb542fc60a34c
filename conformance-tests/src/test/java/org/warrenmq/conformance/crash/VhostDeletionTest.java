package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.admin.local.LocalApi;
import org.warrenmq.conformance.BrokerProcess;
import org.warrenmq.conformance.ControlRequest;

/**
 * A virtual host goes with everything in it, and with nothing else: under load, and when the broker
 * is killed with SIGKILL at any moment of it. {@code crash.rounds} says how often that is tried.
 */
@ExtendWith(OwnBrokerOnly.class)
class VhostDeletionTest {
  private static final int ROUNDS = Math.max(1, Integer.getInteger("crash.rounds", 3));
  private static final long SEED = Long.getLong("crash.seed", System.nanoTime());
  private static final int QUEUES = 60;
  private static final int MESSAGES = 5;
  private static final int DELETIONS = 30;
  private static final int SECONDS = 20;
  private static final String OURS = "/";
  private static final String THEIRS = "tenant";
  private static final String EXCHANGE = "all";

  @TempDir Path root;

  private @Nullable BrokerProcess broker;

  @AfterEach
  void stop() throws Exception {
    if (broker != null) {
      broker.close();
    }
  }

  private Path data() {
    return root.resolve("data");
  }

  private BrokerProcess start() throws Exception {
    BrokerProcess started = BrokerProcess.start(BrokerProcess.Launch.on(data()));
    broker = started;
    return started;
  }

  private void addTheirs() {
    command("add_vhost", THEIRS);
    command("set_permissions", "-p", THEIRS, "guest", ".*", ".*", ".*");
  }

  private void command(String... words) {
    ControlRequest.succeed(data(), List.of(words));
  }

  private static Connection connect(BrokerProcess to, String vhost) throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setUri(to.uri());
    factory.setVirtualHost(vhost);
    factory.setAutomaticRecoveryEnabled(false);
    return factory.newConnection();
  }

  private static String queue(int i) {
    return "queue." + i;
  }

  /** Durable queues behind a fan-out, with confirmed messages in all of them. */
  private static void fill(BrokerProcess to, String vhost) throws Exception {
    try (Connection connection = connect(to, vhost)) {
      Channel channel = connection.createChannel();
      channel.confirmSelect();
      channel.exchangeDeclare(EXCHANGE, BuiltinExchangeType.FANOUT, true);
      for (int i = 0; i < QUEUES; i++) {
        channel.queueDeclare(queue(i), true, false, false, null);
        channel.queueBind(queue(i), EXCHANGE, "");
      }
      for (int i = 0; i < MESSAGES; i++) {
        publish(channel, EXCHANGE, "", vhost + i);
      }
      channel.waitForConfirmsOrDie(TimeUnit.SECONDS.toMillis(SECONDS));
    }
  }

  private static void publish(Channel channel, String exchange, String key, String body)
      throws IOException {
    channel.basicPublish(
        exchange, key, MessageProperties.PERSISTENT_BASIC, body.getBytes(StandardCharsets.UTF_8));
  }

  /** Everything that {@link #fill} made is there, to the message, and bound. */
  private static void assertWhole(BrokerProcess at, String vhost) throws Exception {
    try (Connection connection = connect(at, vhost)) {
      Channel channel = connection.createChannel();
      channel.confirmSelect();
      publish(channel, EXCHANGE, "", "last");
      channel.waitForConfirmsOrDie(TimeUnit.SECONDS.toMillis(SECONDS));
      for (int i = 0; i < QUEUES; i++) {
        assertThat(bodies(channel, queue(i)))
            .containsExactly(vhost + 0, vhost + 1, vhost + 2, vhost + 3, vhost + 4, "last");
      }
    }
  }

  private static List<String> bodies(Channel channel, String queue) throws IOException {
    List<String> bodies = new ArrayList<>();
    GetResponse response;
    while ((response = channel.basicGet(queue, true)) != null) {
      bodies.add(new String(response.getBody(), StandardCharsets.UTF_8));
    }
    return bodies;
  }

  private static boolean exists(BrokerProcess at, String vhost) throws Exception {
    try (Connection _ = connect(at, vhost)) {
      return true;
    } catch (IOException refused) {
      assertThat(refused).rootCause().hasMessageContaining("vhost " + vhost + " not found");
      return false;
    }
  }

  /** It can be made again, and nothing of the one before is in it. */
  private void assertNothingLeft(BrokerProcess at) throws Exception {
    addTheirs();
    try (Connection connection = connect(at, THEIRS)) {
      for (String name : List.of(queue(0), queue(QUEUES - 1))) {
        Channel channel = connection.createChannel();
        assertThatThrownBy(() -> channel.queueDeclarePassive(name))
            .rootCause()
            .hasMessageContaining("no queue '" + name + "' in vhost '" + THEIRS + "'");
      }
      Channel channel = connection.createChannel();
      assertThatThrownBy(() -> channel.exchangeDeclarePassive(EXCHANGE))
          .rootCause()
          .hasMessageContaining("no exchange");
      // A queue of an old name is empty, and bound to nothing.
      Channel other = connection.createChannel();
      other.exchangeDeclare(EXCHANGE, BuiltinExchangeType.FANOUT, true);
      other.queueDeclare(queue(0), true, false, false, null);
      other.basicPublish(EXCHANGE, "", MessageProperties.PERSISTENT_BASIC, new byte[1]);
      assertThat(bodies(other, queue(0))).isEmpty();
    }
    command("delete_vhost", THEIRS);
  }

  /** A client that publishes with confirms for as long as it can. */
  private static CompletableFuture<Integer> publisher(Connection connection, AtomicBoolean enough) {
    CompletableFuture<Integer> confirmed = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              int count = 0;
              try {
                Channel channel = connection.createChannel();
                channel.confirmSelect();
                channel.queueDeclare("load", true, false, false, null);
                while (!enough.get()) {
                  publish(channel, "", "load", Integer.toString(count));
                  channel.waitForConfirmsOrDie(TimeUnit.SECONDS.toMillis(SECONDS));
                  count++;
                }
                confirmed.complete(count);
              } catch (Exception e) {
                confirmed.completeExceptionally(e);
              }
            });
    return confirmed;
  }

  @Test
  @DisplayName("a virtual host is deleted under load: its clients are told, others notice nothing")
  void underLoad() throws Exception {
    BrokerProcess running = start();
    addTheirs();
    fill(running, OURS);
    fill(running, THEIRS);
    try (Connection ours = connect(running, OURS)) {
      Connection theirs = connect(running, THEIRS);
      CompletableFuture<ShutdownSignalException> told = new CompletableFuture<>();
      theirs.addShutdownListener(told::complete);
      AtomicBoolean enough = new AtomicBoolean();
      CompletableFuture<Integer> ourLoad = publisher(ours, enough);
      CompletableFuture<Integer> theirLoad = publisher(theirs, enough);
      Channel consumer = theirs.createChannel();
      consumer.basicConsume(queue(0), false, (_, _) -> {}, _ -> {});
      consumer.queueDeclare("owned", false, true, false, null);

      command("delete_vhost", THEIRS);
      AMQP.Connection.Close close =
          (AMQP.Connection.Close) told.get(SECONDS, TimeUnit.SECONDS).getReason();
      assertThat(close.getReplyCode()).isEqualTo(AMQP.CONNECTION_FORCED);
      assertThat(close.getReplyText()).isEqualTo("CONNECTION_FORCED - vhost 'tenant' is deleted");
      assertThat(theirLoad).failsWithin(Duration.ofSeconds(SECONDS));
      assertThat(exists(running, THEIRS)).isFalse();
      assertNothingLeft(running);

      enough.set(true);
      int confirmed = ourLoad.get(SECONDS, TimeUnit.SECONDS);
      assertThat(ours.createChannel().messageCount("load")).isEqualTo(confirmed);
    }
    assertWhole(running, OURS);
    assertThat(running.errors()).isEmpty();
  }

  /** Publishes in their virtual host with confirms and consumes, until it goes; then anew. */
  private static Runnable comer(BrokerProcess to, AtomicBoolean enough, AtomicInteger confirmed) {
    return () -> {
      while (!enough.get()) {
        try (Connection connection = connect(to, THEIRS)) {
          Channel consumer = connection.createChannel();
          consumer.queueDeclare("load", true, false, false, null);
          consumer.basicConsume("load", true, (_, _) -> {}, _ -> {});
          Channel channel = connection.createChannel();
          channel.confirmSelect();
          while (!enough.get()) {
            for (int i = 0; i < 50; i++) {
              publish(channel, "", "load", "some text");
            }
            channel.waitForConfirmsOrDie(TimeUnit.SECONDS.toMillis(SECONDS));
            confirmed.addAndGet(50);
          }
        } catch (IOException | TimeoutException | ShutdownSignalException gone) {
          // It will be back: comes again until then.
        } catch (Exception e) {
          throw new AssertionError(e);
        }
      }
    };
  }

  @Test
  @DisplayName("what goes under load leaves nothing of its queues on disk")
  void leavesASoundStore() throws Exception {
    BrokerProcess running = start();
    addTheirs();
    AtomicBoolean enough = new AtomicBoolean();
    AtomicInteger confirmed = new AtomicInteger();
    List<Thread> comers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      comers.add(Thread.ofPlatform().start(comer(running, enough, confirmed)));
    }
    for (int i = 0; i < DELETIONS; i++) {
      int before = confirmed.get();
      await().atMost(Duration.ofSeconds(SECONDS)).until(() -> confirmed.get() > before + 500);
      command("delete_vhost", THEIRS);
      addTheirs();
    }
    command("delete_vhost", THEIRS);
    enough.set(true);
    for (Thread comer : comers) {
      comer.join();
    }
    running.kill();
    Process verify =
        new ProcessBuilder(BrokerProcess.script().toString(), "verify", "--data", data().toString())
            .redirectErrorStream(true)
            .start();
    String told = new String(verify.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(told).contains("in 0 queues", "sound").doesNotContain("NOT SOUND");
    assertThat(running.errors()).isEmpty();
  }

  private int microsOfDeletion(BrokerProcess running) throws Exception {
    addTheirs();
    fill(running, THEIRS);
    long begin = System.nanoTime();
    command("delete_vhost", THEIRS);
    return (int) TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - begin);
  }

  @Test
  @DisplayName("killed at any moment of a deletion, a virtual host is whole or not there at all")
  void killed() throws Exception {
    System.out.println("crash.seed=" + SEED);
    Random random = new Random(SEED);
    BrokerProcess first = start();
    fill(first, OURS);
    int micros = microsOfDeletion(first);
    first.close();
    int whole = 0;
    for (int round = 0; round < ROUNDS; round++) {
      BrokerProcess running = start();
      addTheirs();
      fill(running, THEIRS);
      CompletableFuture<Boolean> deleted =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return new LocalApi(data()).delete(LocalApi.path("vhosts", THEIRS)).isGood();
                } catch (IOException e) {
                  return false;
                }
              });
      LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(random.nextInt(2 * micros)));
      running.kill();

      BrokerProcess again = start();
      if (exists(again, THEIRS)) {
        assertThat(deleted.get(SECONDS, TimeUnit.SECONDS)).isFalse();
        assertWhole(again, THEIRS);
        command("delete_vhost", THEIRS);
        whole++;
      }
      assertNothingLeft(again);
      assertThat(again.errors()).isEmpty();
      again.close();
    }
    System.out.printf(
        "whole after %d of %d kills; a deletion takes %d µs%n", whole, ROUNDS, micros);
    BrokerProcess last = start();
    assertThat(exists(last, THEIRS)).isFalse();
    assertWhole(last, OURS);
  }
}
