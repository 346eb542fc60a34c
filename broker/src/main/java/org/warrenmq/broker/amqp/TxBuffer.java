package org.warrenmq.broker.amqp;

import static org.warrenmq.codec.ReplyCode.PRECONDITION_FAILED;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.warrenmq.broker.topology.QueueEntry;
import org.warrenmq.codec.BasicMethod;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.TxMethod;
import org.warrenmq.engine.home.AcceptedBatch;
import org.warrenmq.engine.home.Commit;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.queue.QueueCommand;
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

  /** A queue has refused something of the commit that is answered next. */
  private boolean refused;

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
    Set<LoopStore> homes = new LinkedHashSet<>(2);
    for (Held held : committed) {
      for (QueueDestination target : held.targets()) {
        homes.add(((QueueEntry) target).room().home());
      }
    }
    deliveries.addHomesOfHeld(homes);
    awaited = homes.size();
    refused = false;
    Commit.send(
        channel.store(),
        homes,
        channel,
        SEQUENCE,
        () -> {
          committed.forEach(publishing::release);
          deliveries.commit();
        });
    channel.parkBeforeDeliveries();
    answerWhenComplete();
  }

  /** Some loops have taken their parts, or not all of them. */
  void answered(AcceptedBatch parts) {
    awaited -= parts.count();
    for (int i = 0; i < parts.count(); i++) {
      refused |= parts.isRejected(i);
    }
    if (parts.count() > 0) {
      answerWhenComplete();
    }
  }

  private void answerWhenComplete() {
    if (awaited == 0) {
      if (refused) {
        // What was not refused has taken effect all the same, as in RabbitMQ.
        channel.fail(
            new ChannelError(PRECONDITION_FAILED, "partial tx completion")
                .at(TxMethod.CLASS_ID, TxMethod.Commit.ID));
      } else {
        channel.replyIfOpen(new TxMethod.CommitOk());
      }
      channel.resume();
    }
  }

  /** Forgets the publishes. */
  void drop() {
    for (Held held : publishes) {
      channel.store().bodies().release(held.message().content().body());
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
