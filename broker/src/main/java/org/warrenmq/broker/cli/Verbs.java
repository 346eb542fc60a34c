package org.warrenmq.broker.cli;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The table of all verbs, by name. Both tools and bin/warren have all of them. Immutable. */
public final class Verbs {
  private final Map<String, Verb> byName = new LinkedHashMap<>();

  public Verbs() {
    Stream.of(
            AccountVerbs.all(),
            VhostVerbs.all(),
            PolicyVerbs.all(),
            DefinitionVerbs.all(),
            ListVerbs.all(),
            OperationVerbs.all(),
            NodeVerbs.all(),
            HealthVerbs.all(),
            PowerVerbs.all(),
            AbsentVerbs.all())
        .flatMap(List::stream)
        .forEach(verb -> byName.put(verb.name(), verb));
  }

  @Nullable Verb find(String name) {
    return byName.get(name);
  }

  Collection<Verb> all() {
    return byName.values();
  }

  /** The one that somebody may have meant; null for none. */
  @Nullable String like(String name) {
    String best = null;
    int fewest = 3;
    for (String each : byName.keySet()) {
      int edits = edits(name, each);
      if (edits < fewest) {
        fewest = edits;
        best = each;
      }
    }
    return best;
  }

  /** How many letters are to be changed to come from one to the other. */
  private static int edits(String from, String to) {
    int[] last = new int[to.length() + 1];
    for (int j = 0; j < last.length; j++) {
      last[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int[] next = new int[last.length];
      next[0] = i;
      for (int j = 1; j < last.length; j++) {
        int same = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
        next[j] = Math.min(last[j - 1] + same, 1 + Math.min(last[j], next[j - 1]));
      }
      last = next;
    }
    return last[to.length()];
  }
}
