package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.Channel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.conformance.BrokerProcess;
import org.warrenmq.conformance.BrokerProcess.Launch;
import org.warrenmq.conformance.crash.SyncedDisk.Words;
import org.warrenmq.conformance.crash.SyncedState.Names;

/**
 * The power goes, and of all that processes have written nothing is left but what they have synced:
 * what the last of them has answered is there, also where it built on what a killed one had written
 * and never synced.
 */
@ExtendWith(OwnBrokerOnly.class)
class SyncedOnlyTest {
  private static final int CONFIRMED = 200;
  private static final int UNCONFIRMED = 350;
  private static final int FROM_SECOND = 1_000;
  private static final int OF_SECOND = 50;
  private static final long LIMIT_SECONDS = 20;

  @TempDir Path root;

  private SyncedDisk disk;

  /** So many were made. */
  private int cuts;

  /** What was wrong after them. */
  private final List<String> wrong = new ArrayList<>();

  @BeforeEach
  void compile() throws Exception {
    disk = SyncedDisk.in(root);
  }

  /** What a look at a broker finds; an exception is a finding as well. */
  private interface Look {
    List<Integer> at(Channel channel) throws Exception;
  }

  /** The second process confirms messages that follow on a tail that only the first has written. */
  @Test
  void aTailOfAKilledProcessIsSyncedBeforeAnythingIsBuiltOnIt() throws Exception {
    Path data = disk.folder.resolve("data");
    BrokerProcess first = start(data);
    try (Client client = Client.of(first)) {
      Channel channel = client.channel();
      NumberedMessages.declare(channel, "q");
      NumberedMessages.confirm(channel, "q", 0, CONFIRMED);
      disk.hold();
      NumberedMessages.publish(client.channel(), "q", CONFIRMED, UNCONFIRMED);
      killWhileHeld(first, data);
    } finally {
      first.kill();
    }
    BrokerProcess second = start(data);
    int found;
    try (Client client = Client.of(second)) {
      Channel channel = client.channel();
      found = channel.queueDeclarePassive("q").getMessageCount();
      NumberedMessages.confirm(channel, "q", FROM_SECOND, FROM_SECOND + OF_SECOND);
      second.kill();
    } finally {
      second.kill();
    }
    System.out.println("the second process found " + found);
    assertThat(found).as("messages for the second process").isGreaterThanOrEqualTo(CONFIRMED);
    List<Integer> expected =
        IntStream.concat(
                IntStream.range(0, found), IntStream.range(FROM_SECOND, FROM_SECOND + OF_SECOND))
            .boxed()
            .toList();
    assertAfterEveryCut(data, expected, channel -> NumberedMessages.read(channel, "q"));
  }

  /** The second process answers for a queue that only the first has written. */
  @Test
  void aDeclareOfAKilledProcessIsSyncedBeforeItIsAnsweredAgain() throws Exception {
    Path data = disk.folder.resolve("data");
    BrokerProcess first = start(data);
    try (Client client = Client.of(first);
        var asking = Executors.newVirtualThreadPerTaskExecutor()) {
      Channel channel = client.channel();
      NumberedMessages.declare(channel, "before");
      disk.hold();
      var declare =
          CompletableFuture.supplyAsync(
              () -> {
                try {
                  return channel.queueDeclare("d", true, false, false, null);
                } catch (Exception e) {
                  throw new IllegalStateException(e);
                }
              },
              asking);
      killWhileHeld(first, data);
      assertThatThrownBy(() -> declare.get(LIMIT_SECONDS, TimeUnit.SECONDS))
          .as("the answer of a process whose sync was held")
          .isInstanceOf(ExecutionException.class);
    } finally {
      first.kill();
    }
    BrokerProcess second = start(data);
    try (Client client = Client.of(second)) {
      Channel channel = client.channel();
      NumberedMessages.declare(channel, "d");
      NumberedMessages.confirm(channel, "d", 0, 10);
      second.kill();
    } finally {
      second.kill();
    }
    assertAfterEveryCut(
        data,
        IntStream.range(0, 10).boxed().toList(),
        channel -> {
          channel.queueDeclarePassive("before");
          return NumberedMessages.read(channel, "d");
        });
  }

  /** Folders and files are of no use under names that nobody has synced. */
  @Test
  void everyNameIsSyncedUpToTheFolderThatWasThere() throws Exception {
    Path data = disk.folder.resolve("a/b/data");
    BrokerProcess first = start(data);
    try (Client client = Client.of(first)) {
      Channel channel = client.channel();
      NumberedMessages.declare(channel, "q");
      NumberedMessages.confirm(channel, "q", 0, 3);
      first.kill();
    } finally {
      first.kill();
    }
    assertAfterEveryCut(data, List.of(0, 1, 2), channel -> NumberedMessages.read(channel, "q"));
  }

  // ---------------------------------------------------------------- processes

  private BrokerProcess start(Path data) throws Exception {
    disk.release();
    return BrokerProcess.start(Launch.on(data).withEnvironment(disk.environment()));
  }

  /** What was to be synced is written then, and the log is longer than what is safe of it. */
  private void killWhileHeld(BrokerProcess broker, Path data) throws Exception {
    disk.awaitHeld();
    broker.kill();
    Path log = SyncedDisk.newestLog(data);
    long synced = disk.state().size(log);
    System.out.printf("%s: %d octets, %d synced%n", log, Files.size(log), synced);
    assertThat(Files.size(log)).as("octets of the log").isGreaterThan(synced);
  }

  // ---------------------------------------------------------------- cuts

  /** The same messages are there after every cut that is possible, and the store is sound. */
  private void assertAfterEveryCut(Path data, List<Integer> expected, Look look) throws Exception {
    for (Names names : Names.values()) {
      for (Words words : Words.values()) {
        Verdict verdict = Verdict.of(cut(data, names, words));
        if (!verdict.isSound() || verdict.messages() != expected.size()) {
          wrong.add("%s, small files %s: %s".formatted(names, words, verdict));
        }
      }
    }
    check("least is left: ", cut(data, Names.STRICT, Words.STALE), expected, look);
    check("most is left: ", cut(data, Names.ORDERED, Words.FRESH), expected, look);
    assertThat(wrong).as("after a cut; names not synced: %s", disk.state().nameless()).isEmpty();
  }

  private Path cut(Path data, Names names, Words words) throws Exception {
    Path copy = root.resolve("cut" + cuts++);
    disk.cut(copy, names, words);
    return copy.resolve(disk.folder.relativize(data));
  }

  private void check(String which, Path data, List<Integer> expected, Look look) throws Exception {
    BrokerProcess broker = BrokerProcess.launch(Launch.on(data));
    try {
      broker.awaitPort();
      try (Client client = Client.of(broker)) {
        List<Integer> found = look.at(client.channel());
        if (!found.equals(expected)) {
          wrong.add("%s%d messages, not %d".formatted(which, found.size(), expected.size()));
        }
      }
    } catch (Exception e) {
      wrong.add("%s%s <- %s; the log says %s".formatted(which, e, e.getCause(), broker.errors()));
    } finally {
      broker.kill();
    }
  }
}
