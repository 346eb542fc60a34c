package org.warrenmq.router;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/**
 * All bindings in the order of their destinations, of which the hash takes one: changed by the
 * topology room, read by event loops.
 *
 * <p>The order is that of names, so restarts and other nodes choose alike. The first message after
 * a change sorts, not the writer, who may add very many in a row.
 */
final class ModulusHashMatcher implements Matcher {
  private static final Comparator<Destination> ORDER =
      Comparator.comparing((Destination destination) -> destination instanceof Exchange)
          .thenComparing(Destination::name);

  private final BindingSet bindings = new BindingSet();

  /** Raised after each change of the bindings. */
  private volatile long version;

  private volatile Sorted sorted = new Sorted(0, List.of());

  /** The destination of each binding, as they were when this was the version, or later. */
  private record Sorted(long version, List<Destination> destinations) {}

  @Override
  public void add(Binding binding) {
    bindings.insert(binding);
    changed();
  }

  @Override
  public void remove(Binding binding) {
    bindings.delete(binding);
    changed();
  }

  @Override
  public void removeAll(Destination destination, Collection<Binding> gone) {
    bindings.deleteIf(binding -> binding.destination() == destination);
    changed();
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  private void changed() {
    version++;
  }

  @Override
  public void match(String routingKey, MessageProperties properties, Sink sink) {
    List<Destination> destinations = destinations();
    if (!destinations.isEmpty()) {
      long choice = Long.remainderUnsigned(StableHash.of(routingKey), destinations.size());
      sink.accept(destinations.get((int) choice));
    }
  }

  /** Sorts if need be. Several readers may do so at once; one that was overtaken sorts in vain. */
  private List<Destination> destinations() {
    Sorted last = sorted;
    long now = version;
    if (last.version != now) {
      List<Destination> all = new ArrayList<>(bindings.size());
      bindings.report(all::add);
      all.sort(ORDER);
      last = new Sorted(now, all);
      sorted = last;
    }
    return last.destinations;
  }

  @Override
  public boolean keyOnly() {
    return true;
  }

  @Override
  public boolean firstKeyOnly() {
    return true;
  }
}
