package org.warrenmq.conformance.crash;

import com.rabbitmq.client.Channel;
import java.util.SplittableRandom;
import org.warrenmq.conformance.crash.Landscape.Route;
import org.warrenmq.conformance.crash.Tally.Count;

/**
 * Fills a queue that is its own, and purges it: each purge must count exactly what is there. The
 * first filling is always purged, so that a short run has done it too.
 */
final class Purger implements Actor {
  private static final long LIMIT_MILLIS = 60_000;

  private final Route route = Landscape.toQueue(Landscape.PURGED);
  private final SplittableRandom random;

  Purger(long seed) {
    this.random = new SplittableRandom(seed);
  }

  @Override
  public void run(Stage stage) throws Exception {
    Channel channel = stage.connect().createChannel();
    channel.confirmSelect();
    Account account = stage.ledger.account(Landscape.PURGED);
    long id = stage.ledger.newPublisher();
    boolean purged = false;
    while (!stage.isOver()) {
      long first = id + 1;
      for (int left = random.nextInt(1, 30); left > 0 && !account.isFull(); left--) {
        byte[] body = stage.bodies.of(++id);
        account.publishing(id, body.length);
        Stage.send(channel, route, id, body);
      }
      if (channel.waitForConfirms(LIMIT_MILLIS)) {
        for (long sent = first; sent <= id; sent++) {
          account.confirmed(sent);
          stage.ledger.tally.add(Count.CONFIRMED);
        }
      }
      if (!purged || account.isFull() || random.nextInt(8) == 0) {
        purge(stage, channel, account);
        purged = true;
      }
      stage.pause(random.nextInt(60));
      Stage.requireOpen(channel);
    }
  }

  private static void purge(Stage stage, Channel channel, Account account) throws Exception {
    int expected = account.purging();
    int purged = channel.queuePurge(Landscape.PURGED).getMessageCount();
    if (purged != expected) {
      stage.ledger.violation("a purge counts %d of %d messages".formatted(purged, expected));
    }
    stage.ledger.tally.add(Count.PURGES);
  }
}
