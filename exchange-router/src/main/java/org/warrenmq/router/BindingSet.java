package org.warrenmq.router;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** The bindings of one key or pattern: changed by the topology room, read by event loops. */
final class BindingSet extends SlotTable<Binding> {
  /** Reports the destination of every binding, allocating nothing. */
  void report(Matcher.Sink sink) {
    AtomicReferenceArray<@Nullable Object> table = slots();
    for (int i = 0; i < table.length(); i++) {
      if (table.getAcquire(i) instanceof Binding binding) {
        sink.accept(binding.destination());
      }
    }
  }
}
