package org.warrenmq.router;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The exchange types of this node by name; immutable, read by any thread. */
public final class ExchangeTypes {
  private final Map<String, ExchangeType> byName;

  private ExchangeTypes(Map<String, ExchangeType> byName) {
    this.byName = byName;
  }

  /**
   * The built-in types and those that plug-ins provide, and the one that delays what any of these
   * routes.
   *
   * @throws IllegalStateException if two providers claim the same name
   */
  public static ExchangeTypes load() {
    List<ExchangeType> all = new ArrayList<>();
    ServiceLoader.load(ExchangeType.class).forEach(all::add);
    all.add(new DelayedMessageType(of(all)));
    return of(all);
  }

  /** Exactly the given types. */
  public static ExchangeTypes of(Iterable<? extends ExchangeType> types) {
    Map<String, ExchangeType> byName = new TreeMap<>();
    for (ExchangeType type : types) {
      ExchangeType other = byName.putIfAbsent(type.name(), type);
      if (other != null) {
        throw new IllegalStateException(
            "exchange type '%s' is provided by both %s and %s"
                .formatted(type.name(), other.getClass().getName(), type.getClass().getName()));
      }
    }
    return new ExchangeTypes(byName);
  }

  public @Nullable ExchangeType find(String name) {
    return byName.get(name);
  }

  /** All types, sorted by name. */
  public Collection<ExchangeType> all() {
    return Collections.unmodifiableCollection(byName.values());
  }
}
