package org.warrenmq.broker.amqp;

import static org.warrenmq.codec.ReplyCode.ACCESS_REFUSED;
import static org.warrenmq.codec.ReplyCode.PRECONDITION_FAILED;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.node.MessageAccess.Outcome;
import org.warrenmq.broker.alarms.Alarms;
import org.warrenmq.broker.auth.User;
import org.warrenmq.broker.topology.QueueEntry;
import org.warrenmq.broker.topology.Refusal;
import org.warrenmq.broker.topology.RoomEntry;
import org.warrenmq.broker.topology.VirtualHost;
import org.warrenmq.codec.Body;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.Content;
import org.warrenmq.codec.PropertyView;
import org.warrenmq.engine.home.AcceptedBatch;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.home.StoredBodies;
import org.warrenmq.engine.loop.NodeMemory.Level;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.queue.QueueCommand;
import org.warrenmq.engine.queue.QueueCommand.GetReply;
import org.warrenmq.engine.queue.SettleBatch;
import org.warrenmq.engine.queue.Settlement;
import org.warrenmq.router.Exchange;
import org.warrenmq.router.QueueDestination;
import org.warrenmq.router.RouteResult;
import org.warrenmq.router.Router;

/**
 * Messages that operators publish and get, one at a time: as a channel would, but for no client.
 * Lives on one event loop; asked on any thread, and answers there or on the loop.
 */
public final class OperatorMessages {
  private final LoopStore store;
  private final RoomLoop loop;
  private final long maxMessageSize;
  private final Router router = new Router();
  private volatile boolean alarm;

  /**
   * @param store of the loop that it lives on
   * @param maxMessageSize octets of a body, at most
   */
  public OperatorMessages(LoopStore store, Alarms alarms, long maxMessageSize) {
    this.store = store;
    this.maxMessageSize = maxMessageSize;
    loop = store.loop();
    alarms.listen(reason -> alarm = reason != null);
  }

  private <T extends @Nullable Object> CompletableFuture<T> onLoop(
      Supplier<CompletableFuture<T>> task) {
    CompletableFuture<CompletableFuture<T>> begun = new CompletableFuture<>();
    loop.post(
        () -> {
          try {
            begun.complete(task.get());
          } catch (RuntimeException refused) {
            // Also what an exchange type fails by that is not ours: a request fails, not the node.
            begun.completeExceptionally(refused);
          }
        });
    return begun.thenCompose(answer -> answer);
  }

  /**
   * Publishes a message, whatever permissions say; fails with an {@link ChannelError} when it is
   * refused.
   *
   * @param properties well-formed
   */
  public CompletableFuture<Outcome> publish(
      VirtualHost vhost, User user, String exchange, String key, byte[] properties, byte[] body) {
    if (alarm || loop.account().node().isAtLeast(Level.ALARM)) {
      return CompletableFuture.completedFuture(Outcome.TOO_BUSY);
    }
    return onLoop(() -> begin(vhost, user, exchange, key, properties, body));
  }

  private CompletableFuture<Outcome> begin(
      VirtualHost vhost, User user, String name, String key, byte[] properties, byte[] octets) {
    Exchange exchange = vhost.exchanges().find(name);
    if (exchange == null) {
      throw Refusal.noExchange(name, vhost.name());
    }
    if (exchange.spec().internal()) {
      throw new ChannelError(
          ACCESS_REFUSED,
          "cannot publish to internal exchange '%s' in vhost '%s'".formatted(name, vhost.name()));
    }
    if (octets.length > maxMessageSize) {
      throw new ChannelError(
          PRECONDITION_FAILED,
          "message size %d is larger than configured max size %d"
              .formatted(octets.length, maxMessageSize));
    }
    PublishedProperties read = PublishedProperties.of(properties, user, null);
    RouteResult result = new RouteResult();
    router.route(
        vhost.exchanges(), vhost::queue, exchange, key, read.furtherKeys(), read.asked(), result);
    QueueDestination[] targets = result.toArray();
    boolean routed = leads(vhost, exchange, key, read, targets);
    if (targets.length == 0) {
      return CompletableFuture.completedFuture(Outcome.UNROUTABLE);
    }
    Body body = body(octets, new PropertyView(properties).persistent());
    store.bodies().hold(body, targets.length - 1);
    Content content = read.delivered(new Content(properties, body));
    Message message = new Message(name, key, content, read.traits());
    Waiting waiting = new Waiting(targets.length, routed);
    for (QueueDestination target : targets) {
      QueueEntry entry = (QueueEntry) target;
      loop.send(entry.room().loop(), new QueueCommand.Publish(entry.room(), message, waiting, 1));
    }
    return waiting.outcome;
  }

  /** Whether a queue gets it, now or when an exchange has kept it for a while. */
  private boolean leads(
      VirtualHost vhost,
      Exchange exchange,
      String key,
      PublishedProperties read,
      QueueDestination[] targets) {
    if (!Arrays.stream(targets).allMatch(RoomEntry.class::isInstance)) {
      return true;
    }
    RouteResult end = new RouteResult();
    router.routeThrough(
        vhost.exchanges(), vhost::queue, exchange, key, read.furtherKeys(), read.asked(), end);
    return !end.isEmpty();
  }

  /** A large one goes to the store in pieces, and is held once. */
  private Body body(byte[] octets, boolean persistent) {
    if (octets.length <= Body.MAX_INLINE) {
      return new Body.Inline(octets);
    }
    StoredBodies bodies = store.bodies();
    long id = bodies.newBody();
    for (int at = 0, index = 0; at < octets.length; at += Body.PIECE, index++) {
      byte[] piece = Arrays.copyOfRange(octets, at, Math.min(at + Body.PIECE, octets.length));
      bodies.put(id, index, piece, persistent);
    }
    return new Body.Stored(id, octets.length, persistent);
  }

  /** One message, of which some queues have not said what they do with it. On the loop. */
  private final class Waiting implements Publisher {
    private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    private final boolean routed;
    private int left;
    private boolean rejected;

    Waiting(int queues, boolean routed) {
      left = queues;
      this.routed = routed;
    }

    @Override
    public RoomLoop loop() {
      return loop;
    }

    @Override
    public void accepted(AcceptedBatch batch) {
      for (int i = 0; i < batch.count(); i++) {
        left--;
        rejected |= batch.isRejected(i);
      }
      if (left == 0) {
        outcome.complete(
            rejected ? Outcome.REJECTED : routed ? Outcome.ROUTED : Outcome.UNROUTABLE);
      }
    }
  }

  /**
   * A message that was got.
   *
   * @param head the first octets of its body
   */
  public record Taken(GetReply.Got got, byte[] head) {}

  /**
   * Gets the front message of a queue; null when there is none. It has to be {@link #settle}d
   * unless it was taken for good.
   *
   * @param most octets of its body that are wanted
   */
  public CompletableFuture<@Nullable Taken> get(QueueEntry queue, boolean forGood, int most) {
    return this.<@Nullable Taken>onLoop(
        () -> {
          CompletableFuture<@Nullable Taken> taken = new CompletableFuture<>();
          ReplyTo<GetReply> answer = new ReplyTo<>(loop, reply -> got(reply, most, taken));
          loop.send(queue.room().loop(), new QueueCommand.Get(queue.room(), forGood, answer));
          return taken;
        });
  }

  private void got(GetReply reply, int most, CompletableFuture<@Nullable Taken> taken) {
    switch (reply) {
      case GetReply.Got got -> {
        switch (got.message().shown().body()) {
          case Body.Inline(byte[] octets) ->
              taken.complete(new Taken(got, Arrays.copyOf(octets, Math.min(most, octets.length))));
          case Body.Stored stored -> {
            byte[] head = new byte[(int) Math.min(most, stored.size())];
            read(got, stored, head, 0, taken);
          }
        }
      }
      case GetReply.Empty(), GetReply.Gone() -> taken.complete(null);
    }
  }

  private void read(
      GetReply.Got got,
      Body.Stored body,
      byte[] head,
      int index,
      CompletableFuture<@Nullable Taken> taken) {
    int at = index * Body.PIECE;
    if (at >= head.length) {
      store.bodies().release(body);
      taken.complete(new Taken(got, head));
      return;
    }
    store
        .bodies()
        .read(
            body,
            index,
            piece -> {
              System.arraycopy(piece, 0, head, at, Math.min(piece.length, head.length - at));
              read(got, body, head, index + 1, taken);
            });
  }

  /** What happens to messages that were got; done when the queue has heard of it. */
  public void settle(QueueEntry queue, long[] positions, Settlement settlement) {
    loop.post(
        () -> {
          SettleBatch batch = null;
          for (long position : positions) {
            batch = SettleBatch.open(batch, loop, queue.room(), null, settlement);
            batch.add(position);
          }
        });
  }
}
