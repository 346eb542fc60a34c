package org.warrenmq.conformance.crash;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.warrenmq.conformance.crash.Ledger.Place;
import org.warrenmq.conformance.crash.Ledger.Transaction;
import org.warrenmq.conformance.crash.Tally.Count;

/**
 * Takes messages from one queue and publishes to others in transactions, most of them committed,
 * some rolled back (the first always, so that a short run has done it too), some left to the end of
 * their channel.
 */
final class Transactor implements Actor {
  private final SplittableRandom random;

  /** Deliveries that no committed transaction has acknowledged, by tag. */
  private final Map<Long, Long> held = new LinkedHashMap<>();

  private long id;
  private boolean rolledBack;

  Transactor(long seed) {
    this.random = new SplittableRandom(seed);
  }

  @Override
  public void run(Stage stage) throws Exception {
    Connection connection = stage.connect();
    id = stage.ledger.newPublisher();
    while (!stage.isOver()) {
      Channel channel = connection.createChannel();
      channel.txSelect();
      held.clear();
      for (int i = random.nextInt(1, 40); i > 0 && !stage.isOver(); i--) {
        transact(stage, channel);
        stage.pause(random.nextInt(4));
      }
      // With a transaction half done: nothing of it may be seen.
      work(stage, channel, new Transaction());
      channel.close();
      held.clear();
    }
  }

  private void transact(Stage stage, Channel channel) throws Exception {
    var transaction = new Transaction();
    Map<Long, Long> acked = work(stage, channel, transaction);
    if (!rolledBack || random.nextInt(10) == 0) {
      channel.txRollback();
      rolledBack = true;
      stage.ledger.tally.add(Count.ROLLED_BACK);
      return;
    }
    held.keySet().removeAll(acked.keySet());
    stage.ledger.committing(transaction, stage.bodies);
    channel.txCommit();
    stage.ledger.committed(transaction);
  }

  /** Gets, publishes and acknowledges; returns what it acknowledged. */
  private Map<Long, Long> work(Stage stage, Channel channel, Transaction transaction)
      throws Exception {
    for (int i = random.nextInt(4); i > 0; i--) {
      get(stage, channel);
    }
    var acked = new LinkedHashMap<Long, Long>();
    held.forEach(
        (tag, message) -> {
          if (random.nextInt(5) > 0) {
            acked.put(tag, message);
            transaction.acks.add(new Place(Landscape.TX_IN, message));
          }
        });
    for (int i = random.nextInt(1, 6); i > 0; i--) {
      String queue = Landscape.TX_OUT.get(random.nextInt(Landscape.TX_OUT.size()));
      if (i == 1 || !stage.ledger.account(queue).isFull()) {
        transaction.publishes.add(new Place(queue, ++id));
        Stage.send(channel, Landscape.toQueue(queue), id, stage.bodies.of(id));
      }
    }
    for (long tag : acked.keySet()) {
      channel.basicAck(tag, false);
    }
    return acked;
  }

  private void get(Stage stage, Channel channel) throws Exception {
    GetResponse response = channel.basicGet(Landscape.TX_IN, false);
    if (response != null) {
      boolean redelivered = response.getEnvelope().isRedeliver();
      long message =
          stage.delivered(Landscape.TX_IN, response.getProps(), redelivered, response.getBody());
      held.put(response.getEnvelope().getDeliveryTag(), message);
    }
  }
}
