package org.warrenmq.broker.topology;

import java.util.Collection;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.warrenmq.router.ExchangeTable;
import org.warrenmq.router.ExchangeTypes;

/**
 * One virtual host's names: exchanges with their bindings, and queues. Changed by the topology's
 * thread alone, read from any thread without a lock.
 */
public final class VirtualHost {
  private final String name;
  private final ExchangeTable exchanges;
  private final ConcurrentHashMap<String, QueueEntry> queues = new ConcurrentHashMap<>();

  VirtualHost(String name, ExchangeTypes types) {
    this.name = name;
    exchanges = new ExchangeTable(name, types);
  }

  public String name() {
    return name;
  }

  public ExchangeTable exchanges() {
    return exchanges;
  }

  /** The queue of that name, or null. */
  public @Nullable QueueEntry queue(String queueName) {
    return queues.get(queueName);
  }

  /** All queues at about this time. */
  public Collection<QueueEntry> queues() {
    return queues.values();
  }

  void add(QueueEntry entry) {
    queues.put(entry.name(), entry);
  }

  /** False when it was gone already. */
  boolean remove(QueueEntry entry) {
    return queues.remove(entry.name(), entry);
  }
}
