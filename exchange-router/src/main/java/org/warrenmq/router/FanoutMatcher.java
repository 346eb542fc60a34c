package org.warrenmq.router;

import java.util.concurrent.ConcurrentHashMap;

/**
 * Every destination that is bound at all: changed by the topology room, read by event loops.
 *
 * <p>It counts the bindings of each destination, so that a queue bound under many keys costs a
 * message no more than one bound once.
 */
final class FanoutMatcher implements Matcher {
  private final ConcurrentHashMap<Destination, Integer> bindings = new ConcurrentHashMap<>();

  @Override
  public void add(Binding binding) {
    bindings.merge(binding.destination(), 1, Integer::sum);
  }

  @Override
  public void remove(Binding binding) {
    bindings.computeIfPresent(
        binding.destination(), (destination, count) -> count == 1 ? null : count - 1);
  }

  @Override
  public void match(String routingKey, MessageProperties properties, Sink sink) {
    for (Destination destination : bindings.keySet()) {
      sink.accept(destination);
    }
  }

  @Override
  public boolean keyOnly() {
    return true;
  }

  @Override
  public boolean keyless() {
    return true;
  }
}
