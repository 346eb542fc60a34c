package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.conformance.BrokerProcess;
import org.warrenmq.conformance.ControlRequest;

/**
 * What was answered about users is there after a SIGKILL, and a user is deleted with all
 * permissions or not at all. {@code crash.rounds} says how often that is tried.
 */
@ExtendWith(OwnBrokerOnly.class)
class AccountsCrashTest {
  private static final int ROUNDS = Math.max(1, Integer.getInteger("crash.rounds", 3));
  private static final long SEED = Long.getLong("crash.seed", System.nanoTime());
  private static final int SECONDS = 20;

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

  private String control(String... words) throws IOException {
    return ControlRequest.succeed(data(), List.of(words));
  }

  private static Connection connect(BrokerProcess to, String user) throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setUri(to.uri());
    factory.setUsername(user);
    factory.setPassword("secret");
    factory.setAutomaticRecoveryEnabled(false);
    return factory.newConnection();
  }

  /** Users one after the other, until the broker is killed; those that it answered for. */
  private List<String> addUsers(int round) {
    List<String> answered = new ArrayList<>();
    try {
      while (true) {
        String user = "user." + round + "." + answered.size();
        control("add_user", user, "secret");
        control("set_permissions", "-p", "/", user, "", "", ".*");
        answered.add(user);
      }
    } catch (IOException | RuntimeException killed) {
      return answered;
    }
  }

  @Test
  @DisplayName("killed at any moment, a broker has all users it answered for")
  void killed() throws Exception {
    System.out.println("crash.seed=" + SEED);
    Random random = new Random(SEED);
    List<String> known = new ArrayList<>();
    for (int round = 0; round < ROUNDS; round++) {
      BrokerProcess running = start();
      int number = round;
      CompletableFuture<List<String>> added = CompletableFuture.supplyAsync(() -> addUsers(number));
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50 + random.nextInt(300)));
      running.kill();
      known.addAll(added.get(SECONDS, TimeUnit.SECONDS));

      BrokerProcess again = start();
      List<String> permissions = control("list_permissions", "-p", "/").lines().toList();
      for (String user : known) {
        assertThat(permissions).contains(user + "\t\t\t.*");
      }
      if (!known.isEmpty()) {
        connect(again, known.getLast()).close();
      }
      again.kill();
    }
    System.out.println("users after all kills: " + known.size());
  }

  @Test
  @DisplayName("who deleted the first user does not find him again")
  void firstUser() throws Exception {
    start();
    control("add_user", "admin", "secret");
    control("set_permissions", "-p", "/", "admin", ".*", ".*", ".*");
    control("delete_user", "guest");
    broker().kill();
    BrokerProcess again = start();
    assertThat(control("list_users", "-q").lines()).containsExactly("user\ttags", "admin\t[]");
    connect(again, "admin").close();
    ConnectionFactory guest = new ConnectionFactory();
    guest.setUri(again.uri());
    assertThatThrownBy(guest::newConnection).isInstanceOf(AuthenticationFailureException.class);
    assertThat(again.errors()).isEmpty();
  }

  private BrokerProcess broker() {
    if (broker == null) {
      throw new IllegalStateException("none runs");
    }
    return broker;
  }
}
