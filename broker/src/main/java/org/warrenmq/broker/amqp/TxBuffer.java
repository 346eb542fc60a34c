package org.warrenmq.broker.amqp;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.warrenmq.broker.topology.QueueEntry;
import org.warrenmq.codec.BasicMethod;
import org.warrenmq.codec.TxMethod;
import org.warrenmq.engine.Commit;
import org.warrenmq.engine.Message;
import org.warrenmq.engine.QueueCommand;
import org.warrenmq.engine.RoomLoop;
import org.warrenmq.router.QueueDestination;

/**
 * A channel's transaction: keeps publishes until commit, which is answered when every loop has
 * accepted its part of them. Settlements of a transaction wait in the {@link DeliveryTracker}. Runs
 * on the connection's loop.
 */
final class TxBuffer {
  /** What commits are numbered with: acceptances are counted, not told apart. */
  private static final long SEQUENCE = 1;

  /** What a channel with transactions is charged with for that alone, in bytes, about. */
  static final int LEAST_COST = 256;

  /** What a publish is charged with beside its message, in bytes, about. */
  private static final int COST = 64;

  /**
   * A publish with the queues it was routed to when it came, as in RabbitMQ.
   *
   * @param returns whether the client wants it back when there are none
   */
  record Held(
      BasicMethod.Publish publish, Message message, QueueDestination[] targets, boolean returns) {}

  private final Channel channel;
  private final PublishPath publishing;
  private final DeliveryTracker deliveries;
  private List<Held> publishes = new ArrayList<>();

  /** What they are charged with. */
  private long cost;

  private int awaited;

  TxBuffer(Channel channel, PublishPath publishing, DeliveryTracker deliveries) {
    this.channel = channel;
    this.publishing = publishing;
    this.deliveries = deliveries;
  }

  void add(Held held) {
    publishes.add(held);
    long more = QueueCommand.Publish.cost(held.message()) + COST;
    cost += more;
    channel.gate().keep(more);
  }

  /** Makes everything take effect; the channel is parked until all loops have accepted. */
  void commit() {
    List<Held> committed = publishes;
    publishes = new ArrayList<>();
    uncharge();
    Set<RoomLoop> loops = new LinkedHashSet<>(2);
    for (Held held : committed) {
      for (QueueDestination target : held.targets()) {
        loops.add(((QueueEntry) target).room().loop());
      }
    }
    deliveries.addLoopsOfHeld(loops);
    awaited = loops.size();
    Commit.send(
        channel.loop(),
        loops,
        channel,
        SEQUENCE,
        () -> {
          committed.forEach(publishing::release);
          deliveries.commit();
        });
    channel.parkBeforeDeliveries();
    answerWhenAccepted();
  }

  /** So many loops have accepted their part. */
  void accepted(int parts) {
    awaited -= parts;
    if (parts > 0) {
      answerWhenAccepted();
    }
  }

  private void answerWhenAccepted() {
    if (awaited == 0) {
      channel.replyIfOpen(new TxMethod.CommitOk());
      channel.resume();
    }
  }

  /** Forgets the publishes. */
  void drop() {
    for (Held held : publishes) {
      channel.loop().bodies().release(held.message().content().body());
    }
    // It may have become long.
    publishes = new ArrayList<>();
    uncharge();
  }

  private void uncharge() {
    channel.gate().keep(-cost);
    cost = 0;
  }

  /** Forgets the publishes; settled deliveries are outstanding again. */
  void rollback() {
    drop();
    deliveries.rollback();
    channel.reply(new TxMethod.RollbackOk());
  }
}
