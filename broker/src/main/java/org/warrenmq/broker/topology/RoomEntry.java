package org.warrenmq.broker.topology;

import org.warrenmq.codec.FieldTable;
import org.warrenmq.engine.delay.Delays;
import org.warrenmq.router.DelayDestination;
import org.warrenmq.router.ExchangeSpec;
import org.warrenmq.router.MessageProperties;

/**
 * The hidden queue of an exchange that delays: published to like any other, and found by nobody but
 * the router. Immutable; made by the topology, read from any thread.
 */
public final class DelayEntry extends QueueEntry implements DelayDestination {
  private final Delays delays;

  DelayEntry(ExchangeSpec exchange, Delays delays) {
    super(
        exchange.vhost(),
        new QueueSpec(exchange.name(), exchange.durable(), false, false, FieldTable.EMPTY),
        null,
        delays.address());
    this.delays = delays;
  }

  /** Who counts, lists and cancels what waits. */
  public Delays delays() {
    return delays;
  }

  @Override
  public boolean delays(MessageProperties properties) {
    long now = room().loop().clock().millis();
    return DelayHeaders.due(properties.headers(), now) > now;
  }
}
