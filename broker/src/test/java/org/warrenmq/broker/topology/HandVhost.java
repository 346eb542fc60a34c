package org.warrenmq.broker.topology;

import org.warrenmq.codec.FieldTable;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.Room;
import org.warrenmq.engine.queue.QueueAddress;
import org.warrenmq.engine.queue.QueueOwner;
import org.warrenmq.engine.queue.QueueSettings;
import org.warrenmq.engine.queue.Queues;
import org.warrenmq.router.ExchangeTypes;

/** A virtual host into which a test puts queues, without a topology; for the test's thread. */
public final class HandVhost {
  private final VirtualHost vhost = new VirtualHost("/", ExchangeTypes.load());
  private long lastId;

  public VirtualHost vhost() {
    return vhost;
  }

  /** A new queue. */
  public QueueEntry add(String name, QueueSettings settings, LoopStore home) {
    QueueSpec spec = new QueueSpec(name, false, false, false, FieldTable.EMPTY);
    QueueAddress address =
        Queues.open(++lastId, home, QueueMeaning.traits(spec), settings, new Nobody(home.loop()));
    QueueEntry entry = new QueueEntry(vhost.name(), spec, null, address, AppliedPolicies.NONE);
    vhost.add(entry);
    return entry;
  }

  /** Keeps no list of queues. */
  private record Nobody(Room room) implements QueueOwner {
    @Override
    public <T> void gone(QueueAddress queue, ReplyTo<T> reply, T answer) {
      reply.room().post(reply.with(answer));
    }
  }
}
