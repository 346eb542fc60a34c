package org.warrenmq.router;

import java.util.concurrent.ConcurrentHashMap;

/** Bindings by their exact key: changed by the topology room, read by event loops. */
final class DirectMatcher implements Matcher {
  private final ConcurrentHashMap<String, BindingSet> byKey = new ConcurrentHashMap<>();

  @Override
  public void add(Binding binding) {
    BindingSet bindings = byKey.get(binding.routingKey());
    if (bindings == null) {
      bindings = new BindingSet();
      byKey.put(binding.routingKey(), bindings);
    }
    bindings.insert(binding);
  }

  @Override
  public void remove(Binding binding) {
    BindingSet bindings = byKey.get(binding.routingKey());
    if (bindings != null && bindings.delete(binding) && bindings.isEmpty()) {
      byKey.remove(binding.routingKey());
    }
  }

  @Override
  public void match(String routingKey, MessageProperties properties, Sink sink) {
    BindingSet bindings = byKey.get(routingKey);
    if (bindings != null) {
      bindings.report(sink);
    }
  }

  @Override
  public boolean keyOnly() {
    return true;
  }
}
