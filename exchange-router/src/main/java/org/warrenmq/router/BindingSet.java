package org.warrenmq.router;

import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The bindings of one key or pattern: changed by the topology room, read by event loops. */
final class BindingSet extends SlotTable<Binding> {
  /** Misses in a row that a table an eighth full has once in five thousand choices. */
  private static final int TRIES = 64;

  /** Reports the destination of every binding, allocating nothing. */
  void report(Matcher.Sink sink) {
    AtomicReferenceArray<@Nullable Object> table = slots();
    for (int i = 0; i < table.length(); i++) {
      if (table.getAcquire(i) instanceof Binding binding) {
        sink.accept(binding.destination());
      }
    }
  }

  /**
   * One binding, each as likely as any other, or null if there is none. Slots are tried until one
   * is taken, eight at the least load on average; after many misses, all in a row.
   */
  @Nullable Binding any(RandomGenerator random) {
    AtomicReferenceArray<@Nullable Object> table = slots();
    int mask = table.length() - 1;
    for (int i = 0; i < TRIES && mask >= 0; i++) {
      if (table.getAcquire(random.nextInt() & mask) instanceof Binding binding) {
        return binding;
      }
    }
    int first = random.nextInt();
    for (int i = 0; i <= mask; i++) {
      if (table.getAcquire((first + i) & mask) instanceof Binding binding) {
        return binding;
      }
    }
    return null;
  }
}
