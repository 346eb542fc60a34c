package org.warrenmq.router;

import java.util.Collection;
import java.util.Collections;
import org.jspecify.annotations.Nullable;

/**
 * One declared exchange with its bindings: changed by the topology room through its {@link
 * ExchangeTable}, read by any thread without locks.
 *
 * <p>One deleted and declared again is another object. A change is visible to routing at once, and
 * {@link #generation} tells caches of it.
 */
public final class Exchange implements Destination {
  /**
   * When one in so many bindings goes, all are gone through once; fewer are looked up one by one,
   * which takes three to four times as long for each.
   */
  private static final int SWEEP_SHARE = 4;

  private final ExchangeSpec spec;
  private final Matcher matcher;
  private final boolean defaultExchange;
  private final @Nullable ExchangeRooms rooms;
  private final SlotTable<Binding> outgoing = new SlotTable<>();
  private final SlotTable<Binding> incoming = new SlotTable<>();

  private volatile long generation;
  private volatile @Nullable String alternate;
  private volatile boolean deleted;

  /** Whether it ever was the source of a binding; the writer's own. */
  private boolean everBound;

  Exchange(ExchangeSpec spec, Matcher matcher, @Nullable ExchangeRooms rooms) {
    this.spec = spec;
    this.matcher = matcher;
    this.rooms = rooms;
    this.defaultExchange = spec.name().isEmpty();
    this.alternate = spec.alternateExchange();
  }

  @Override
  public String name() {
    return spec.name();
  }

  public ExchangeSpec spec() {
    return spec;
  }

  /** Whether this is the nameless exchange, which routes by queue name and has no bindings. */
  public boolean isDefault() {
    return defaultExchange;
  }

  /** Whether it has been deleted; routing through it then finds nothing. */
  public boolean isDeleted() {
    return deleted;
  }

  /**
   * Grows whenever what this exchange itself would select may have changed: its bindings, its
   * alternate exchange, the existence of that alternate, its own deletion. A cache reads it before
   * it matches; the writer raises it after it changed the index and before it answers the client.
   */
  public long generation() {
    return generation;
  }

  /** The name of the exchange that gets what matches no binding here, from argument or policy. */
  public @Nullable String alternate() {
    return alternate;
  }

  /** Where it keeps its state; null when it has none. */
  public @Nullable ExchangeRooms rooms() {
    return rooms;
  }

  public Matcher matcher() {
    return matcher;
  }

  /** Whether it is the source of any binding. */
  public boolean hasBindings() {
    return !outgoing.isEmpty();
  }

  /** The bindings of which it is the source; a live, weakly consistent view. */
  public Collection<Binding> bindings() {
    return Collections.unmodifiableCollection(outgoing);
  }

  /** The bindings of which it is the destination; a live, weakly consistent view. */
  public Collection<Binding> incomingBindings() {
    return Collections.unmodifiableCollection(incoming);
  }

  /** Called by the writer; false if an equal binding is there. */
  boolean addOutgoing(Binding binding) {
    if (!outgoing.insertIfAbsent(binding)) {
      return false;
    }
    everBound = true;
    matcher.add(binding);
    return true;
  }

  /** Called by the writer; false if no equal binding is there. */
  boolean removeOutgoing(Binding binding) {
    if (!outgoing.delete(binding)) {
      return false;
    }
    matcher.remove(binding);
    return true;
  }

  /**
   * Called by the writer when a destination goes.
   *
   * @param bindings all there are from here to there
   */
  void removeOutgoing(Destination destination, Collection<Binding> bindings) {
    if (bindings.size() < outgoing.size() / SWEEP_SHARE) {
      bindings.forEach(this::removeOutgoing);
    } else {
      outgoing.deleteIf(binding -> binding.destination() == destination);
      matcher.removeAll(destination, bindings);
    }
  }

  SlotTable<Binding> incoming() {
    return incoming;
  }

  SlotTable<Binding> outgoing() {
    return outgoing;
  }

  /** Whether auto-delete is due: it had bindings and has none left; called by the writer. */
  boolean isSpent() {
    return spec.autoDelete() && everBound && outgoing.isEmpty() && !deleted;
  }

  void alternate(@Nullable String name) {
    alternate = name;
  }

  void markDeleted() {
    deleted = true;
  }

  /** Called by the writer after a change. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  void changed() {
    generation++;
  }

  @Override
  public String toString() {
    return "Exchange[%s '%s' in '%s']".formatted(spec.type(), spec.name(), spec.vhost());
  }
}
