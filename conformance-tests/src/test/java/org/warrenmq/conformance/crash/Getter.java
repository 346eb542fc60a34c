package org.warrenmq.conformance.crash;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import java.util.SplittableRandom;
import org.warrenmq.conformance.crash.Tally.Count;

/** Takes messages one by one with basic.get: from one queue with acks, from another without. */
final class Getter implements Actor {
  private final SplittableRandom random;

  Getter(long seed) {
    this.random = new SplittableRandom(seed);
  }

  @Override
  public void run(Stage stage) throws Exception {
    Connection connection = stage.connect();
    while (!stage.isOver()) {
      Channel channel = connection.createChannel();
      for (int i = random.nextInt(1, 300); i > 0 && !stage.isOver(); i--) {
        boolean found = random.nextBoolean() ? get(stage, channel) : autoGet(stage, channel);
        if (!found) {
          stage.pause(10);
        }
      }
      channel.close();
    }
  }

  private boolean get(Stage stage, Channel channel) throws Exception {
    GetResponse response = channel.basicGet(Landscape.GOT, false);
    if (response == null) {
      return false;
    }
    long tag = response.getEnvelope().getDeliveryTag();
    long id = delivered(stage, Landscape.GOT, response);
    int chance = random.nextInt(100);
    if (chance < 70) {
      stage.ledger.account(Landscape.GOT).settling(id);
      channel.basicAck(tag, false);
    } else if (chance < 85) {
      stage.ledger.tally.add(Count.REQUEUED);
      channel.basicReject(tag, true);
    }
    return true;
  }

  private boolean autoGet(Stage stage, Channel channel) throws Exception {
    Account account = stage.ledger.account(Landscape.AUTO_GOT);
    account.autoGetting();
    GetResponse response = channel.basicGet(Landscape.AUTO_GOT, true);
    account.autoGot(response == null ? null : delivered(stage, Landscape.AUTO_GOT, response));
    return response != null;
  }

  private static long delivered(Stage stage, String queue, GetResponse response) {
    return stage.delivered(
        queue, response.getProps(), response.getEnvelope().isRedeliver(), response.getBody());
  }
}
