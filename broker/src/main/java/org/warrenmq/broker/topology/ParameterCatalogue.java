package org.warrenmq.broker.topology;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.warrenmq.broker.topology.TopologyChange.Deletion;
import org.warrenmq.broker.topology.TopologyChange.ParameterRemoved;
import org.warrenmq.broker.topology.TopologyChange.ParameterSet;

/**
 * The part of the {@link Catalogue} that has the parameters. Changed in the topology's room, or
 * before that is open; read from any thread.
 */
final class ParameterCatalogue {
  private final TopologyAccount account;
  private final Map<Parameter.Key, Parameter> parameters = new ConcurrentHashMap<>();

  ParameterCatalogue(TopologyAccount account) {
    this.account = account;
  }

  /** All there are at about this time. Any thread. */
  Collection<Parameter> all() {
    return Collections.unmodifiableCollection(parameters.values());
  }

  void add(ParameterSet set) {
    Parameter added = new Parameter(set.key(), set.json());
    Parameter before = parameters.put(set.key(), added);
    if (before != null) {
      account.removed(before);
    }
    account.added(added);
  }

  /** What went by it: it, if it was there. */
  List<Deletion> remove(ParameterRemoved removed) {
    Parameter gone = parameters.remove(removed.key());
    if (gone == null) {
      return List.of();
    }
    account.removed(gone);
    return List.of(removed);
  }

  /** A virtual host goes, and all in it. */
  List<Deletion> vhostGoes(String vhost) {
    List<Deletion> gone = new ArrayList<>();
    for (Parameter.Key key : List.copyOf(parameters.keySet())) {
      if (!key.isGlobal() && key.vhost().equals(vhost)) {
        gone.addAll(remove(new ParameterRemoved(key)));
      }
    }
    return gone;
  }
}
