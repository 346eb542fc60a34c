package org.warrenmq.router;

import java.util.Arrays;

/**
 * The queues one message goes to, each once, and how they were found; reused for message after
 * message by one event loop.
 */
public final class RouteResult {
  private final DistinctList<QueueDestination> queues = new DistinctList<>();

  /** The exchanges in order of discovery, which is at once the router's list of work. */
  private final DistinctList<Exchange> exchanges = new DistinctList<>();

  /** For each exchange its generation from before it was asked. */
  private long[] generations = new long[8];

  private boolean cacheable = true;
  private boolean keyless = true;

  /** How many queues the message goes to. */
  public int size() {
    return queues.size();
  }

  public boolean isEmpty() {
    return queues.size() == 0;
  }

  public QueueDestination get(int i) {
    return queues.get(i);
  }

  /** The queues in an array of its own. */
  public QueueDestination[] toArray() {
    QueueDestination[] array = new QueueDestination[queues.size()];
    for (int i = 0; i < array.length; i++) {
      array[i] = queues.get(i);
    }
    return array;
  }

  /** Whether bindings and routing key alone led here. */
  public boolean cacheable() {
    return cacheable;
  }

  /** Forgets everything, so that nothing deleted is kept alive. */
  public void clear() {
    queues.clear();
    exchanges.clear();
    cacheable = true;
    keyless = true;
  }

  boolean keyless() {
    return keyless;
  }

  boolean sameQueuesAs(QueueDestination[] other) {
    return queues.sameAs(other);
  }

  void add(QueueDestination queue) {
    queues.add(queue);
  }

  void discover(Exchange exchange) {
    exchanges.add(exchange);
  }

  int discovered() {
    return exchanges.size();
  }

  Exchange exchange(int i) {
    return exchanges.get(i);
  }

  long generation(int i) {
    return generations[i];
  }

  /** Notes the generation of the i-th exchange; before it is asked. */
  void enter(int i, Exchange exchange) {
    if (i == generations.length) {
      generations = Arrays.copyOf(generations, i * 2);
    }
    generations[i] = exchange.generation();
    cacheable &= exchange.matcher().keyOnly() && exchange.rooms() == null;
    keyless &= exchange.matcher().keyless();
  }

  void notCacheable() {
    cacheable = false;
  }
}
