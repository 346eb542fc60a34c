package org.warrenmq.engine.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A queue's consumers, and whose turn it is among those that have room: the highest priority first,
 * round robin within it. Runs in the queue's room.
 *
 * <p>Only consumers with room stand in a ring, so choosing one costs the same however many are
 * blocked; and so does coming and going, however many there are. With a single active consumer only
 * that one ever stands in it; when it goes, one of the highest priority takes over, and among those
 * the one waiting longest.
 */
final class ConsumerRing {
  // Most queues have no consumer at a time: they must stay small.
  private static final SequencedSet<Consumer> NOBODY =
      Collections.unmodifiableSequencedSet(new LinkedHashSet<>(0));

  private static final List<Level> NO_LEVELS = List.of();

  /** Those that are gone stay in a ring up to this number, or half of it. */
  private static final int FEW = 16;

  private static final class Level {
    final int priority;
    final ArrayDeque<Consumer> waiting = new ArrayDeque<>(2);

    /** Consumers of this priority. */
    int members;

    /** Those that still stand in the ring and are not among them any more. */
    int gone;

    Level(int priority) {
      this.priority = priority;
    }

    void leave(Consumer consumer) {
      members--;
      if (consumer.inRing) {
        consumer.inRing = false;
        gone++;
        if (gone > FEW && gone > waiting.size() / 2) {
          waiting.removeIf(one -> !one.inRing);
          gone = 0;
        }
      }
    }

    /** The next one with room; null for none. */
    @Nullable Consumer poll() {
      Consumer consumer;
      while ((consumer = waiting.pollFirst()) != null) {
        if (!consumer.inRing) {
          gone--;
        } else {
          consumer.inRing = false;
          if (consumer.hasRoom()) {
            return consumer;
          }
        }
      }
      return null;
    }
  }

  private final boolean singleActive;

  /** In the order of their coming; a single active one comes first. */
  private SequencedSet<Consumer> all = NOBODY;

  /** How many of them are under their channel's shared limit. */
  private int limited;

  /** Highest priority first. */
  private List<Level> levels = NO_LEVELS;

  ConsumerRing(boolean singleActive) {
    this.singleActive = singleActive;
  }

  int size() {
    return all.size();
  }

  SequencedSet<Consumer> all() {
    return all;
  }

  /** All are gone. */
  void clear() {
    all = NOBODY;
    levels = NO_LEVELS;
    limited = 0;
  }

  void add(Consumer consumer) {
    if (all.isEmpty()) {
      all = new LinkedHashSet<>(2);
      levels = new ArrayList<>(1);
    }
    all.add(consumer);
    levelOf(consumer.priority()).members++;
    limited += consumer.isLimited() ? 1 : 0;
    offer(consumer);
  }

  /** True when it was subscribed. */
  boolean remove(Consumer consumer) {
    boolean wasFirst = !all.isEmpty() && all.getFirst() == consumer;
    if (!all.contains(consumer)) {
      return false;
    }
    all.remove(consumer);
    if (all.isEmpty()) {
      consumer.inRing = false;
      clear();
      return true;
    }
    limited -= consumer.isLimited() ? 1 : 0;
    Level level = levelOf(consumer.priority());
    level.leave(consumer);
    if (level.members == 0) {
      // Any number of priorities may come and go.
      levels.remove(level);
    }
    if (wasFirst && singleActive && !all.isEmpty()) {
      Consumer successor = successor();
      all.addFirst(successor);
      offer(successor);
    }
    return true;
  }

  /** Who becomes the active one: not one whose channel ends while another is there. */
  private Consumer successor() {
    Consumer best = all.getFirst();
    for (Consumer rival : all) {
      if (!rival.cancelled && (best.cancelled || rival.priority() > best.priority())) {
        best = rival;
      }
    }
    return best;
  }

  /** Puts a consumer under its channel's shared limit, or takes it out from under it. */
  void limit(Consumer consumer, boolean on) {
    if (!consumer.cancelled && consumer.isLimited() != on) {
      limited += on ? 1 : -1;
      consumer.limit(on);
      offer(consumer);
    }
  }

  /** Puts a consumer that has room at the end of its ring, unless it stands there already. */
  void offer(Consumer consumer) {
    if (!consumer.inRing && consumer.hasRoom() && mayBeActive(consumer)) {
      consumer.inRing = true;
      levelOf(consumer.priority()).waiting.addLast(consumer);
    }
  }

  private boolean mayBeActive(Consumer consumer) {
    return !singleActive || (!all.isEmpty() && all.getFirst() == consumer);
  }

  /** Messages wait and nobody has room: those that only lack their channel's leave ask for it. */
  void askForGrants() {
    askForGrants(_ -> true);
  }

  /** The same, if there is something for them. */
  void askForGrants(Predicate<Consumer> wanted) {
    if (limited > 0) {
      for (Consumer consumer : all) {
        if (mayBeActive(consumer) && wanted.test(consumer)) {
          consumer.ask();
        }
      }
    }
  }

  /** Takes the consumer whose turn it is; {@link #offer} puts it back after its delivery. */
  @Nullable Consumer next() {
    for (int i = 0; i < levels.size(); i++) {
      Consumer consumer = levels.get(i).poll();
      if (consumer != null) {
        return consumer;
      }
    }
    return null;
  }

  /** The consumer just taken could not be served: it is the next again. */
  void putBack(Consumer consumer) {
    consumer.inRing = true;
    levelOf(consumer.priority()).waiting.addFirst(consumer);
  }

  private Level levelOf(int priority) {
    int i = 0;
    for (; i < levels.size() && levels.get(i).priority >= priority; i++) {
      if (levels.get(i).priority == priority) {
        return levels.get(i);
      }
    }
    Level level = new Level(priority);
    levels.add(i, level);
    return level;
  }
}
