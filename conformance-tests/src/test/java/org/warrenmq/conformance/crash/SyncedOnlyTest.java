package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

  @Test
  void aTailOfAKilledProcessIsSyncedBeforeAnythingIsBuiltOnIt() throws Exception {
    Path data = disk.folder.resolve("data");
    assertAfterEveryCut(data, new Succession(disk, data).overTail());
  }

  @Test
  void aDeclareOfAKilledProcessIsSyncedBeforeItIsAnsweredAgain() throws Exception {
    Path data = disk.folder.resolve("data");
    assertAfterEveryCut(data, new Succession(disk, data).overDeclare(0));
  }

  /** Folders and files are of no use under names that nobody has synced. */
  @Test
  void everyNameIsSyncedUpToTheFolderThatWasThere() throws Exception {
    Path data = disk.folder.resolve("a/b/data");
    BrokerProcess first = new Succession(disk, data).start();
    try (Client client = Client.of(first)) {
      Channel channel = client.channel();
      NumberedMessages.declare(channel, "q");
      NumberedMessages.confirm(channel, "q", 0, 3);
    } finally {
      first.kill();
    }
    assertAfterEveryCut(data, new Promise("q", List.of(0, 1, 2)));
  }

  /** The same messages are there after every cut that is possible, and the store is sound. */
  private void assertAfterEveryCut(Path data, Promise promise) throws Exception {
    for (Names names : Names.values()) {
      for (Words words : Words.values()) {
        Verdict verdict = Verdict.of(cut(data, names, words));
        if (!verdict.isSound() || verdict.messages() != promise.numbers().size()) {
          wrong.add("%s, small files %s: %s".formatted(names, words, verdict));
        }
      }
    }
    check("least is left", cut(data, Names.STRICT, Words.STALE), promise);
    check("most is left", cut(data, Names.ORDERED, Words.FRESH), promise);
    assertThat(wrong).as("after a cut; names not synced: %s", disk.state().nameless()).isEmpty();
  }

  private Path cut(Path data, Names names, Words words) throws Exception {
    Path copy = root.resolve("cut" + cuts++);
    disk.cut(copy, names, words);
    return copy.resolve(disk.folder.relativize(data));
  }

  private void check(String which, Path data, Promise promise) throws Exception {
    BrokerProcess broker = BrokerProcess.launch(Launch.on(data));
    try {
      broker.awaitPort();
      promise.brokenBy(broker).forEach(what -> wrong.add(which + ": " + what));
    } catch (IllegalStateException refused) {
      wrong.add(which + ": " + refused.getMessage());
    } finally {
      broker.kill();
    }
  }
}
