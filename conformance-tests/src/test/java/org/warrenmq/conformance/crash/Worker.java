package org.warrenmq.conformance.crash;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.warrenmq.conformance.crash.Tally.Count;

/**
 * Consumes from one queue on one channel after the other, and settles in every way there is: one or
 * many, requeued or not, at once, later, or never. Deliveries are settled on the client's thread
 * for the channel, channels closed on its own.
 */
final class Worker implements Actor {
  private static final int MOST_HELD = 40;

  private final String queue;
  private final boolean alone;
  private final int mostHeld;
  private final int lullMillis;
  private final SplittableRandom random;

  /**
   * A consumer that has its queue to itself sees what is new in order. Beside another one it need
   * not: what was on its way to the other and never arrived comes back late, and not redelivered.
   */
  Worker(String queue, boolean alone, long seed) {
    this(queue, alone, MOST_HELD, 0, seed);
  }

  /**
   * @param mostHeld so many deliveries wait to be settled at most; fewer than twice as many are
   *     outstanding
   * @param lullMillis so long at most nobody consumes between one channel and the next
   */
  Worker(String queue, boolean alone, int mostHeld, int lullMillis, long seed) {
    this.queue = queue;
    this.alone = alone;
    this.mostHeld = mostHeld;
    this.lullMillis = lullMillis;
    this.random = new SplittableRandom(seed);
  }

  @Override
  public void run(Stage stage) throws Exception {
    Connection connection = stage.connect();
    while (!stage.isOver()) {
      Channel channel = connection.createChannel();
      channel.basicQos(random.nextInt(1, 2 * mostHeld));
      var life = new Life(channel, stage, random.split());
      try {
        channel.basicConsume(queue, false, life);
        stage.pause(random.nextInt(100, 1500));
        Stage.requireOpen(channel);
      } finally {
        life.end();
      }
      // What it holds goes back.
      channel.close();
      if (lullMillis > 0) {
        stage.pause(random.nextInt(lullMillis));
      }
    }
  }

  /** One consumer from its start to the end of its channel. */
  private final class Life extends DefaultConsumer {
    private final Stage stage;
    private final SplittableRandom dice;

    /** Deliveries that wait, by tag. */
    private final Map<Long, Long> held = new LinkedHashMap<>();

    /** The newest message of each publisher that came for the first time. */
    private final Map<Long, Long> newest = new HashMap<>();

    private boolean ended;

    Life(Channel channel, Stage stage, SplittableRandom dice) {
      super(channel);
      this.stage = stage;
      this.dice = dice;
    }

    /**
     * What the client library hands over later counts for nothing: it may already have been
     * delivered to somebody else, or an ack of it would be noted and never sent.
     */
    synchronized void end() {
      ended = true;
    }

    @Override
    public synchronized void handleDelivery(
        String consumer, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
        throws IOException {
      if (ended) {
        return;
      }
      long id = stage.delivered(queue, properties, envelope.isRedeliver(), body);
      if (alone && !envelope.isRedeliver()) {
        Long before = newest.put(Ledger.publisher(id), id);
        if (before != null && before > id) {
          stage.ledger.violation(
              "%s delivers %s after %s".formatted(queue, Ledger.name(id), Ledger.name(before)));
        }
      }
      held.put(envelope.getDeliveryTag(), id);
      settle(envelope.getDeliveryTag(), id);
    }

    private void settle(long tag, long id) throws IOException {
      Channel channel = getChannel();
      int chance = dice.nextInt(100);
      if (chance < 55) {
        settling(tag, id);
        channel.basicAck(tag, false);
      } else if (chance < 60 || held.size() >= mostHeld) {
        held.values().forEach(stage.ledger.account(queue)::settling);
        held.clear();
        channel.basicAck(tag, true);
      } else if (chance < 67) {
        settling(tag, id);
        channel.basicReject(tag, false);
      } else if (chance < 77) {
        held.remove(tag);
        stage.ledger.tally.add(Count.REQUEUED);
        channel.basicNack(tag, false, true);
      } else if (chance < 79) {
        stage.ledger.tally.add(Count.REQUEUED, held.size());
        held.clear();
        channel.basicNack(tag, true, true);
      }
      // The rest is held, for an ack of many or for the end of the channel.
    }

    private void settling(long tag, long id) {
      held.remove(tag);
      stage.ledger.account(queue).settling(id);
    }
  }
}
