package org.warrenmq.router;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** A set of bindings: changed by the topology room, read by any thread without locks. */
final class BindingSet extends SlotTable<Binding> {
  @Override
  int hash(Binding binding) {
    return binding.hashCode();
  }

  /** Adds a binding unless an equal one is there; called by the writer. */
  boolean insertIfAbsent(Binding binding) {
    if (contains(binding)) {
      return false;
    }
    insert(binding);
    return true;
  }

  @Override
  public boolean contains(@Nullable Object other) {
    return other instanceof Binding binding && indexOf(binding, hash(binding)) >= 0;
  }

  /** Reports the destination of every binding, allocating nothing. */
  void report(MatchSink sink) {
    AtomicReferenceArray<@Nullable Object> table = slots();
    for (int i = 0; i < table.length(); i++) {
      if (table.getAcquire(i) instanceof Binding binding) {
        sink.accept(binding.destination());
      }
    }
  }
}
