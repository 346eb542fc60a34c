package org.warrenmq.router;

import java.util.Collection;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Bindings of which each is as likely as any other: changed by the topology room, read by event
 * loops. A destination that is bound several times is as many times as likely.
 */
final class RandomMatcher implements Matcher {
  private final BindingSet bindings = new BindingSet();

  @Override
  public void add(Binding binding) {
    bindings.insert(binding);
  }

  @Override
  public void remove(Binding binding) {
    bindings.delete(binding);
  }

  @Override
  public void removeAll(Destination destination, Collection<Binding> gone) {
    bindings.deleteIf(binding -> binding.destination() == destination);
  }

  @Override
  public void match(String routingKey, MessageProperties properties, Sink sink) {
    Binding binding = bindings.any(ThreadLocalRandom.current());
    if (binding != null) {
      sink.accept(binding.destination());
    }
  }

  @Override
  public boolean keyOnly() {
    return false;
  }

  @Override
  public boolean firstKeyOnly() {
    return true;
  }
}
