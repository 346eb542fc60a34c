package org.warrenmq.broker.topology;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.broker.topology.TopologyChange.QueueAdded;
import org.warrenmq.broker.topology.TopologyCommand.DeclareQueue;
import org.warrenmq.broker.topology.TopologyCommand.DeleteQueue;
import org.warrenmq.broker.topology.TopologyCommand.ReleaseConnection;
import org.warrenmq.broker.topology.TopologyReply.Done;
import org.warrenmq.broker.topology.TopologyReply.QueueDeclared;
import org.warrenmq.broker.topology.TopologyReply.QueueDeleted;
import org.warrenmq.broker.topology.TopologyReply.Refused;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.queue.QueueCommand.EndOnDisk;
import org.warrenmq.engine.queue.QueueCommand.Inspect;
import org.warrenmq.engine.queue.QueueCommand.QueueStatus;
import org.warrenmq.engine.queue.QueueCommand.Seal;
import org.warrenmq.engine.queue.QueueCommand.SealReply;

/**
 * Decides about queues; what is refused is thrown before anything changed. Where a queue must be
 * asked first (may you go? how many messages?), the command is finished when the answer comes, and
 * only later commands for the same queue name wait for that. Lives in the topology's room.
 */
final class QueueCommands {
  private static final Logger log = LoggerFactory.getLogger(QueueCommands.class);

  private final TopologyRoom room;
  private final Catalogue catalogue;
  private final Decisions decisions;
  private final TopologyAccount account;
  private final NodeRoom node;
  private final Consumer<TopologyRequest> again;

  /** Queues with a question outstanding, and the requests that wait for the answer. */
  private final Map<QueueEntry, ArrayDeque<TopologyRequest>> questioned = new HashMap<>();

  /**
   * @param again handles a request from its beginning
   */
  QueueCommands(
      TopologyRoom room,
      Catalogue catalogue,
      Decisions decisions,
      TopologyAccount account,
      NodeRoom node,
      Consumer<TopologyRequest> again) {
    this.room = room;
    this.catalogue = catalogue;
    this.decisions = decisions;
    this.account = account;
    this.node = node;
    this.again = again;
  }

  /**
   * Whether a request has to wait, since the queue it names has a question outstanding; it is
   * handled then.
   */
  boolean isDeferred(@Nullable QueueEntry queue, TopologyRequest request) {
    ArrayDeque<TopologyRequest> waiting = queue == null ? null : questioned.get(queue);
    if (waiting != null) {
      waiting.add(request);
      return true;
    }
    return false;
  }

  void declare(DeclareQueue declare, TopologyRequest request) {
    VirtualHost vhost = catalogue.required(declare.vhost());
    QueueSpec spec = QueueRules.typed(declare.spec(), vhost.traits());
    QueueEntry existing = vhost.queue(spec.name());
    if (existing == null && spec.exclusive() && request.asker().isGone()) {
      // Nobody would ever delete it.
      decisions.answer(request, new Done());
    } else if (existing == null) {
      create(new DeclareQueue(declare.vhost(), spec, declare.connection()));
      decisions.answer(request, new QueueDeclared(spec.name(), 0, 0));
    } else if (!isDeferred(existing, request)) {
      QueueRules.checkEquivalent(existing, spec, owner(declare));
      ReplyTo<@Nullable QueueStatus> answer =
          new ReplyTo<>(room, status -> inspected(request, existing, status));
      room.send(existing.room().loop(), new Inspect(existing.room(), answer));
    }
  }

  private void inspected(TopologyRequest request, QueueEntry queue, @Nullable QueueStatus status) {
    if (status != null) {
      decisions.answer(
          request, new QueueDeclared(queue.name(), status.ready(), status.consumers()));
    } else {
      // It ended in the meantime, and that news came before this answer: the name is free now.
      remove(queue);
      again.accept(request);
    }
  }

  /** The owner that a declaration asks for. */
  private static @Nullable ConnectionId owner(DeclareQueue declare) {
    return declare.spec().exclusive() ? declare.connection() : null;
  }

  private void create(DeclareQueue declare) {
    String vhost = declare.vhost();
    QueueSpec spec = declare.spec();
    QueueRules.validate(vhost, spec);
    checkLimit(catalogue.required(vhost), spec);
    node.checkQueue(spec.name());
    account.checkRoom(spec);
    List<String> inVain = QueueRules.withoutEffect(spec);
    if (!inVain.isEmpty()) {
      log.info(
          "queue '{}' in vhost '{}': {} without effect so far",
          spec.name(),
          vhost,
          String.join(", ", inVain));
    }
    decisions.make(
        new QueueAdded(
            catalogue.nextQueueId(), vhost, spec, declare.connection().loop(), owner(declare)));
  }

  private static void checkLimit(VirtualHost vhost, QueueSpec spec) {
    int limit = vhost.limits().queues();
    if (limit >= 0 && vhost.queueCount() >= limit) {
      throw Refusal.tooManyQueues(spec.name(), vhost.name(), limit);
    }
  }

  void delete(DeleteQueue delete, TopologyRequest request) {
    QueueEntry queue = catalogue.required(delete.vhost()).queue(delete.name());
    if (queue == null) {
      decisions.answer(request, new QueueDeleted(0));
      return;
    }
    if (isDeferred(queue, request)) {
      return;
    }
    // An operator may delete what is somebody's own, too.
    if (!queue.isOpenTo(delete.connection()) && !delete.connection().equals(ConnectionId.NONE)) {
      throw Refusal.locked(queue.name(), queue.vhost());
    }
    questioned.put(queue, new ArrayDeque<>(1));
    ReplyTo<SealReply> answer = new ReplyTo<>(room, reply -> asked(request, queue, reply));
    room.send(
        queue.room().loop(), new Seal(queue.room(), delete.ifUnused(), delete.ifEmpty(), answer));
  }

  private void asked(TopologyRequest request, QueueEntry queue, SealReply reply) {
    decisions.answer(request, outcome(queue, reply));
    ArrayDeque<TopologyRequest> waiting = questioned.remove(queue);
    if (waiting != null) {
      waiting.forEach(again);
    }
  }

  private TopologyReply outcome(QueueEntry queue, SealReply reply) {
    return switch (reply) {
      case SealReply.Sealed(long ready) -> {
        remove(queue);
        yield new QueueDeleted(ready);
      }
      case SealReply.Gone() -> {
        remove(queue);
        yield new QueueDeleted(0);
      }
      case SealReply.InUse() -> new Refused(Refusal.inUse("queue", queue.name(), queue.vhost()));
      case SealReply.NotEmpty() -> new Refused(Refusal.notEmpty(queue.name(), queue.vhost()));
    };
  }

  /** The exclusive queues of a connection that ends. */
  void release(ReleaseConnection release) {
    for (QueueEntry queue : catalogue.ownedBy(release.connection())) {
      seal(queue, _ -> {});
      remove(queue);
    }
  }

  /** Tells a queue that it goes, whatever it thinks of that. */
  private void seal(QueueEntry queue, Consumer<SealReply> then) {
    room.send(queue.room().loop(), new Seal(queue.room(), false, false, new ReplyTo<>(room, then)));
  }

  /** Tells queues that they go, and does something when all of them have heard of it. */
  void sealAll(List<QueueEntry> entries, Runnable then) {
    if (entries.isEmpty()) {
      then.run();
      return;
    }
    AtomicInteger left = new AtomicInteger(entries.size());
    for (QueueEntry queue : entries) {
      seal(
          queue,
          _ -> {
            if (left.decrementAndGet() == 0) {
              then.run();
            }
          });
    }
  }

  /** Takes a queue that has ended out of every list, with its bindings; once. */
  void remove(QueueEntry queue) {
    if (catalogue.at(queue.room()) == queue) {
      decisions.make(Catalogue.removal(queue));
      ended(queue);
    }
  }

  /** A queue was taken away: it hears when that lasts. */
  void ended(QueueEntry queue) {
    if (queue.spec().durable()) {
      decisions.tell(queue.room().loop(), new EndOnDisk(queue.room()));
    }
  }
}
