package org.warrenmq.conformance.crash;

import com.rabbitmq.client.Channel;
import java.util.SplittableRandom;

/**
 * Publishes persistent messages without confirms: nobody waits for the disk, so there are always
 * some that are written and not synced.
 */
final class PlainPublisher implements Actor {
  private static final int BURST = 10;

  private final SplittableRandom random;

  PlainPublisher(long seed) {
    this.random = new SplittableRandom(seed);
  }

  @Override
  public void run(Stage stage) throws Exception {
    Channel channel = stage.connect().createChannel();
    Account account = stage.ledger.account(Landscape.UNCONFIRMED);
    long id = stage.ledger.newPublisher();
    while (!stage.isOver()) {
      for (int left = random.nextInt(1, BURST); left > 0 && !account.isFull(); left--) {
        byte[] body = stage.bodies.of(++id);
        account.publishing(id, body.length);
        Stage.send(channel, Landscape.toQueue(Landscape.UNCONFIRMED), id, body);
      }
      stage.pause(random.nextInt(40));
      Stage.requireOpen(channel);
    }
  }
}
