package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.Channel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.warrenmq.conformance.BrokerProcess;
import org.warrenmq.conformance.BrokerProcess.Launch;

/**
 * Two processes on one folder: the first is killed with something written and not synced, the
 * second builds on that, answers for it, and is killed as well. Used by the test thread.
 *
 * @param disk holds the syncs of the first
 * @param data their folder
 */
public record Succession(SyncedDisk disk, Path data) {
  private static final int CONFIRMED = 200;
  private static final int UNCONFIRMED = 350;
  private static final int FROM_SECOND = 1_000;
  private static final int OF_SECOND = 50;
  private static final long LIMIT_SECONDS = 20;

  /** The second confirms messages that follow on messages which only the first has written. */
  public Promise overTail() throws Exception {
    BrokerProcess first = start();
    try (Client client = Client.of(first)) {
      Channel channel = client.channel();
      NumberedMessages.declare(channel, "q");
      NumberedMessages.confirm(channel, "q", 0, CONFIRMED);
      disk.hold();
      NumberedMessages.publish(client.channel(), "q", CONFIRMED, UNCONFIRMED);
      killWhileHeld(first);
    } finally {
      first.kill();
    }
    BrokerProcess second = start();
    try (Client client = Client.of(second)) {
      Channel channel = client.channel();
      int found = channel.queueDeclarePassive("q").getMessageCount();
      System.out.println("the second process found " + found);
      assertThat(found).as("messages for the second process").isGreaterThanOrEqualTo(CONFIRMED);
      NumberedMessages.confirm(channel, "q", FROM_SECOND, FROM_SECOND + OF_SECOND);
      return new Promise(
          "q",
          IntStream.concat(
                  IntStream.range(0, found), IntStream.range(FROM_SECOND, FROM_SECOND + OF_SECOND))
              .boxed()
              .toList());
    } finally {
      second.kill();
    }
  }

  /**
   * The second answers for a queue that only the first has written, and fills it.
   *
   * @param noteSize makes the record of the queue larger by so many octets
   */
  public Promise overDeclare(int noteSize) throws Exception {
    Map<String, Object> arguments = Map.of("note", "x".repeat(noteSize));
    BrokerProcess first = start();
    try (Client client = Client.of(first);
        var asking = Executors.newVirtualThreadPerTaskExecutor()) {
      Channel channel = client.channel();
      NumberedMessages.declare(channel, "before");
      disk.hold();
      var declare = CompletableFuture.supplyAsync(() -> isDeclared(channel, arguments), asking);
      killWhileHeld(first);
      assertThatThrownBy(() -> declare.get(LIMIT_SECONDS, TimeUnit.SECONDS))
          .as("the answer of a process whose sync was held")
          .isInstanceOf(ExecutionException.class);
    } finally {
      first.kill();
    }
    BrokerProcess second = start();
    try (Client client = Client.of(second)) {
      Channel channel = client.channel();
      channel.queueDeclare("d", true, false, false, arguments);
      NumberedMessages.confirm(channel, "d", 0, 10);
      return new Promise("d", IntStream.range(0, 10).boxed().toList());
    } finally {
      second.kill();
    }
  }

  private static boolean isDeclared(Channel channel, Map<String, Object> arguments) {
    try {
      channel.queueDeclare("d", true, false, false, arguments);
      return true;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** A process of this folder, whose syncs are not held. */
  BrokerProcess start() throws Exception {
    disk.release();
    return BrokerProcess.start(Launch.on(data).withEnvironment(disk.environment()));
  }

  /** What was to be synced is written then, and the log is longer than what is safe of it. */
  private void killWhileHeld(BrokerProcess broker) throws Exception {
    disk.awaitHeld();
    broker.kill();
    Path log = SyncedDisk.newestLog(data);
    long synced = disk.state().size(log);
    System.out.printf("%s: %d octets, %d synced%n", log, Files.size(log), synced);
    assertThat(Files.size(log)).as("octets of the log").isGreaterThan(synced);
  }
}
