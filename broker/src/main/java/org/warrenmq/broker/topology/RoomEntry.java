package org.warrenmq.broker.topology;

import java.util.function.Predicate;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.engine.exchange.ExchangeRoom;
import org.warrenmq.engine.exchange.History;
import org.warrenmq.router.ExchangeSpec;
import org.warrenmq.router.MessageProperties;
import org.warrenmq.router.RoomDestination;

/**
 * A hidden queue of an exchange with state: published to like any other, and found by nobody but
 * the router. Immutable; made by the topology, read from any thread.
 */
public final class RoomEntry extends QueueEntry implements RoomDestination {
  private final ExchangeRoom kept;
  private final Predicate<MessageProperties> taken;

  /**
   * @param taken what goes there; any thread
   */
  RoomEntry(ExchangeSpec exchange, ExchangeRoom kept, Predicate<MessageProperties> taken) {
    super(
        exchange.vhost(),
        new QueueSpec(exchange.name(), exchange.durable(), false, false, FieldTable.EMPTY),
        null,
        kept.address(),
        AppliedPolicies.NONE);
    this.kept = kept;
    this.taken = taken;
  }

  /** Who knows what is kept there. */
  public ExchangeRoom kept() {
    return kept;
  }

  /** Whether messages do not go on from there: it gets copies. */
  public boolean getsCopies() {
    return kept instanceof History;
  }

  @Override
  public boolean takes(MessageProperties properties) {
    return taken.test(properties);
  }
}
