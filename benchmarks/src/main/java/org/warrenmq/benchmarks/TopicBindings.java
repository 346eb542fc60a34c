package org.warrenmq.benchmarks;

import java.util.List;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.router.Binding;
import org.warrenmq.router.Exchange;
import org.warrenmq.router.ExchangeSpec;
import org.warrenmq.router.ExchangeTable;
import org.warrenmq.router.ExchangeTypes;
import org.warrenmq.router.QueueDestination;
import org.warrenmq.router.TopicType;

/**
 * A topic exchange with many bindings of mixed shape over 100 queues; filled by the thread that
 * makes it, then only read.
 *
 * <p>Three in ten patterns end in {@code #}, four have {@code *} in the middle, three begin with
 * {@code *}. A key of {@link #keys} matches a handful of them whatever the number of bindings, so
 * that different sizes differ in the index alone.
 */
final class TopicBindings {
  private static final int QUEUES = 100;

  /** Words that end a pattern; few, so that a first word in {@code *} is followed up. */
  private static final int KINDS = 10;

  private final ExchangeTable table =
      new ExchangeTable("/", ExchangeTypes.of(List.of(new TopicType())));
  private final Exchange exchange;
  private final Queue[] queues = new Queue[QUEUES];
  private final int bindings;

  TopicBindings(int bindings) {
    this.bindings = bindings;
    exchange =
        table.declare(
            new ExchangeSpec("/", "events", "topic", false, false, false, FieldTable.EMPTY));
    for (int i = 0; i < QUEUES; i++) {
      queues[i] = new Queue("q" + i);
    }
    for (int i = 0; i < bindings; i++) {
      bind(pattern(i), queues[i % QUEUES]);
    }
  }

  private static String pattern(int i) {
    int group = i / KINDS;
    return switch (i % KINDS) {
      case 0, 1, 2 -> "s" + i + ".#";
      case 3, 4, 5, 6 -> "s" + (i - 3) + ".*.k" + group % KINDS;
      default -> "*.r" + i + ".k" + group % KINDS;
    };
  }

  private void bind(String pattern, Queue queue) {
    table.bind(new Binding(exchange, queue, pattern, FieldTable.EMPTY));
  }

  ExchangeTable table() {
    return table;
  }

  Exchange exchange() {
    return exchange;
  }

  /** So many different keys, spread over the bindings, each of which matches at least one. */
  String[] keys(int count) {
    String[] keys = new String[count];
    long groups = bindings / KINDS;
    for (int i = 0; i < count; i++) {
      // Consecutive keys are far apart in the index, as those of independent publishers are.
      long group = i * 7919L % groups;
      keys[i] = "s" + group * KINDS + ".r" + (group * KINDS + 7) + ".k" + group % KINDS;
    }
    return keys;
  }

  /** A queue that is only a name; told apart by identity, as every queue is. */
  private static final class Queue implements QueueDestination {
    private final String name;

    Queue(String name) {
      this.name = name;
    }

    @Override
    public String name() {
      return name;
    }
  }
}
