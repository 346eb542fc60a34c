package org.warrenmq.broker.amqp;

import static org.warrenmq.codec.ReplyCode.PRECONDITION_FAILED;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.warrenmq.broker.topology.QueueEntry;
import org.warrenmq.codec.BasicMethod;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.TxMethod;
import org.warrenmq.engine.home.AcceptedBatch;
import org.warrenmq.engine.home.Commit;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.queue.QueueCommand;
import org.warrenmq.router.QueueDestination;

/**
 * The publisher of a channel in tx mode: keeps publishes until commit, which is answered when every
 * loop has accepted its part of them. Settlements of a transaction wait in the {@link
 * DeliveryTracker}. Runs on the connection's loop.
 */
final class TxBuffer implements Publisher {
  /** What commits are numbered with: acceptances are counted, not told apart. */
  private static final long SEQUENCE = 1;

  /** What a channel with transactions is charged with for that alone, in bytes, about. */
  private static final int LEAST_COST = 256;

  /** What a publish is charged with beside its message, in bytes, about. */
  private static final int COST = 64;

  /**
   * A publish with the queues it was routed to when it came, as in RabbitMQ.
   *
   * @param returns whether the client wants it back when there are none
   */
  record Held(
      BasicMethod.Publish publish, Message message, QueueDestination[] targets, boolean returns) {}

  private final Session session;
  private final Replies channel;
  private final DeliveryTracker deliveries;
  private final Consumer<Held> release;
  private List<Held> publishes = new ArrayList<>();

  /** What they are charged with. */
  private long cost;

  private int awaited;

  /** A queue has refused something of the commit that is answered next. */
  private boolean refused;

  /**
   * @param release sends a publish to its queues
   */
  TxBuffer(Session session, Replies channel, DeliveryTracker deliveries, Consumer<Held> release) {
    this.session = session;
    this.channel = channel;
    this.deliveries = deliveries;
    this.release = release;
    channel.grow(LEAST_COST);
  }

  @Override
  public RoomLoop loop() {
    return session.loop();
  }

  void add(Held held) {
    publishes.add(held);
    long more = QueueCommand.Publish.cost(held.message()) + COST;
    cost += more;
    session.gate().keep(more);
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
        session.store(),
        homes,
        this,
        SEQUENCE,
        () -> {
          committed.forEach(release);
          deliveries.commit();
        });
    channel.parkBeforeDeliveries();
    answerWhenComplete();
  }

  /** Publishes have arrived; and some loops have taken their parts, or not all of them. */
  @Override
  public void accepted(AcceptedBatch parts) {
    session.gate().release(parts.cost());
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
      session.store().bodies().release(held.message().content().body());
    }
    // It may have become long.
    publishes = new ArrayList<>();
    uncharge();
  }

  private void uncharge() {
    session.gate().keep(-cost);
    cost = 0;
  }

  /** Forgets the publishes; settled deliveries are outstanding again. */
  void rollback() {
    drop();
    deliveries.rollback();
    channel.reply(new TxMethod.RollbackOk());
  }
}
