package org.warrenmq.conformance.crash;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import java.util.SplittableRandom;
import org.warrenmq.conformance.crash.Tally.Count;

/**
 * Takes messages one by one from a queue that it has to itself, more slowly than they come, and
 * acks them, gives them back or holds them.
 */
final class LimitedGetter implements Actor {
  private static final int BURST = 15;

  private final Limits limits;
  private final SplittableRandom random;

  LimitedGetter(Limits limits, long seed) {
    this.limits = limits;
    this.random = new SplittableRandom(seed);
  }

  @Override
  public void run(Stage stage) throws Exception {
    LimitedAccount account = stage.ledger.account(limits);
    Connection connection = stage.connect();
    while (!stage.isOver()) {
      Channel channel = connection.createChannel();
      int held = 0;
      for (int burst = random.nextInt(1, 20); burst > 0 && !stage.isOver(); burst--) {
        for (int i = random.nextInt(BURST); i > 0 && held < limits.holds(); i--) {
          held += get(stage, account, channel) ? 1 : 0;
        }
        stage.pause(random.nextInt(100));
      }
      channel.close();
      account.gaveAllBack();
    }
  }

  /** Whether it holds one more. */
  private boolean get(Stage stage, LimitedAccount account, Channel channel) throws Exception {
    long askedAt = System.currentTimeMillis();
    GetResponse response = channel.basicGet(limits.queue(), false);
    if (response == null) {
      account.got(null, askedAt);
      return false;
    }
    boolean redelivered = response.getEnvelope().isRedeliver();
    long id = stage.delivered(limits.queue(), response.getProps(), redelivered, response.getBody());
    account.got(id, askedAt);
    long tag = response.getEnvelope().getDeliveryTag();
    int chance = random.nextInt(100);
    if (chance < 70) {
      account.settling(id);
      channel.basicAck(tag, false);
    } else if (chance < 85) {
      stage.ledger.tally.add(Count.REQUEUED);
      account.givingBack(id);
      channel.basicReject(tag, true);
    }
    return chance >= 85;
  }
}
