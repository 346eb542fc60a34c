package org.warrenmq.conformance.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.conformance.BrokerProcess;
import org.warrenmq.conformance.BrokerProcess.Launch;
import org.warrenmq.conformance.FileTree;
import org.warrenmq.conformance.crash.SyncedDisk.Words;
import org.warrenmq.conformance.crash.SyncedState.Names;
import org.warrenmq.conformance.crash.TornTail.Left;

/**
 * The power goes while the end of the newest log is written and not synced. Whatever is left of
 * that end, the store opens with everything that was confirmed; and a byte that changes in what was
 * synced is still refused. {@code crash.seed} repeats the dice of a run.
 */
@ExtendWith(OwnBrokerOnly.class)
class TornTailTest {
  private static final int CONFIRMED = 300;
  private static final int UNCONFIRMED = 150;

  /** A tail of less proves little. */
  private static final int LEAST_TAIL = 32 << 10;

  private static final int FLIPS = 12;

  /** The end of a block may be too short for a record, and is then never read. */
  private static final int BLOCK = 32 << 10;

  private static final int MOST_UNUSED = 6;

  @TempDir Path root;

  private final long seed = Long.getLong("crash.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);
  private SyncedDisk disk;
  private Path data;
  private Path log;
  private byte[] full;
  private int synced;

  /** So many were made of the folder after a cut. */
  private int copies;

  @BeforeEach
  void killUnderLoad() throws Exception {
    System.out.println("crash.seed " + seed);
    disk = SyncedDisk.in(root);
    data = disk.folder.resolve("data");
    BrokerProcess broker = BrokerProcess.start(Launch.on(data).withEnvironment(disk.environment()));
    try (Client client = Client.of(broker)) {
      Channel channel = client.channel();
      NumberedMessages.declare(channel, "q");
      NumberedMessages.confirm(channel, "q", 0, CONFIRMED);
      disk.hold();
      NumberedMessages.publish(client.channel(), "q", CONFIRMED, CONFIRMED + UNCONFIRMED);
      disk.awaitHeld();
      broker.kill();
    } finally {
      broker.kill();
    }
    log = SyncedDisk.newestLog(data);
    full = Files.readAllBytes(log);
    synced = Math.toIntExact(disk.state().size(log));
    System.out.printf("%s: %d octets, %d synced%n", log.getFileName(), full.length, synced);
    assertThat(full.length - synced).as("octets not synced").isGreaterThan(LEAST_TAIL);
  }

  @Test
  void noTailIsInTheWay() throws Exception {
    var wrong = new ArrayList<String>();
    List<Left> tails = new TornTail(full, synced, random).all();
    for (Words words : Words.values()) {
      for (Left tail : tails) {
        Verdict verdict = verdict(words, tail.content());
        if (!verdict.isSound() || verdict.messages() < CONFIRMED) {
          wrong.add("%s, small files %s: %s".formatted(tail.what(), words, verdict));
        }
      }
    }
    assertThat(wrong).as("crash.seed %d: %d tails", seed, tails.size()).isEmpty();
  }

  /** With the tail and without it. */
  @Test
  void aFlippedByteInWhatWasSyncedIsRefused() throws Exception {
    var wrong = new ArrayList<String>();
    for (int i = 0; i < FLIPS; i++) {
      byte[] content = Arrays.copyOf(full, i % 2 == 0 ? synced : full.length);
      int at = usedPlace();
      content[at] ^= (byte) (1 << random.nextInt(8));
      Verdict verdict = verdict(Words.FRESH, content);
      System.out.println("flipped at " + at + ": " + verdict);
      if (!verdict.text().contains("is damaged")) {
        wrong.add("flipped at %d: %s".formatted(at, verdict));
      }
    }
    assertThat(wrong).as("crash.seed %d", seed).isEmpty();
  }

  private int usedPlace() {
    int at;
    do {
      at = random.nextInt(synced);
    } while (at % BLOCK >= BLOCK - MOST_UNUSED);
    return at;
  }

  /** Of the folder after a cut that left this of the newest log. */
  private Verdict verdict(Words words, byte[] content) throws Exception {
    Path copy = root.resolve("copy" + copies++);
    try {
      disk.cut(copy, Names.ORDERED, words);
      Files.write(copy.resolve(disk.folder.relativize(log)), content);
      return Verdict.of(copy.resolve(disk.folder.relativize(data)));
    } finally {
      FileTree.delete(copy);
    }
  }
}
