package org.warrenmq.router;

import java.util.List;

/**
 * What one operation of the topology room took away, for the room to persist and announce: every
 * binding that went and every exchange that went, in order of removal.
 */
public record Removal(List<Binding> bindings, List<Exchange> exchanges) {
  public static final Removal NOTHING = new Removal(List.of(), List.of());

  public boolean isEmpty() {
    return bindings.isEmpty() && exchanges.isEmpty();
  }
}
