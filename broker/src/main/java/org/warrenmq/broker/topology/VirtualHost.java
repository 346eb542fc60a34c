package org.warrenmq.broker.topology;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.auth.Limits;
import org.warrenmq.router.Destination;
import org.warrenmq.router.ExchangeTable;
import org.warrenmq.router.ExchangeTypes;

/**
 * One virtual host's names: exchanges with their bindings, and queues. Changed by the {@link
 * Catalogue} alone, read from any thread without a lock.
 */
public final class VirtualHost {
  private final String name;
  private final ExchangeTable exchanges;
  private final ConcurrentHashMap<String, QueueEntry> queues = new ConcurrentHashMap<>();
  private volatile boolean deleted;
  private volatile Limits limits = Limits.NONE;
  private volatile VhostTraits traits = VhostTraits.NONE;
  private volatile Policies policies = Policies.NONE;
  private volatile List<Parameter> parameters = List.of();

  VirtualHost(String name, ExchangeTypes types) {
    this.name = name;
    exchanges = new ExchangeTable(name, types);
  }

  public String name() {
    return name;
  }

  /** Whether it goes, with everything in it, or has gone: who still works in it has to leave. */
  public boolean isDeleted() {
    return deleted;
  }

  /** How much it may hold. */
  public Limits limits() {
    return limits;
  }

  /** Its policies. */
  public Policies policies() {
    return policies;
  }

  /** What is kept here for others; vhost-limits and policies are told of elsewhere. */
  public List<Parameter> parameters() {
    return parameters;
  }

  /** What is noted of it. */
  public VhostTraits traits() {
    return traits;
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

  /** How many there are. */
  int queueCount() {
    return queues.size();
  }

  /** Where a binding would lead, or null. */
  @Nullable Destination destination(BindingSpec binding) {
    return binding.toQueue() ? queue(binding.destination()) : exchanges.find(binding.destination());
  }

  void add(QueueEntry entry) {
    queues.put(entry.name(), entry);
  }

  void remove(QueueEntry entry) {
    queues.remove(entry.name(), entry);
  }

  void limits(Limits other) {
    limits = other;
  }

  void policies(Policies others) {
    policies = others;
  }

  void parameters(List<Parameter> others) {
    parameters = others;
  }

  void traits(VhostTraits other) {
    traits = other;
  }

  void markDeleted() {
    deleted = true;
  }
}
