package org.warrenmq.engine;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A queue's consumers, and whose turn it is among those that have room: the highest priority first,
 * round robin within it. Runs in the queue's room.
 *
 * <p>Only consumers with room stand in a ring, so choosing one costs the same however many are
 * blocked. With a single active consumer only that one ever stands in it; when it goes, one of the
 * highest priority takes over, and among those the one waiting longest.
 */
final class ConsumerRing {
  private record Level(int priority, ArrayDeque<Consumer> waiting) {}

  private final boolean singleActive;

  /** In the order of their coming; a single active one comes first. */
  private final List<Consumer> all = new ArrayList<>(1);

  /** How many of them are under their channel's shared limit. */
  private int limited;

  /** Highest priority first. */
  private final List<Level> levels = new ArrayList<>(1);

  ConsumerRing(boolean singleActive) {
    this.singleActive = singleActive;
  }

  int size() {
    return all.size();
  }

  List<Consumer> all() {
    return all;
  }

  void add(Consumer consumer) {
    all.add(consumer);
    limited += consumer.isLimited() ? 1 : 0;
    offer(consumer);
  }

  /** True when it was subscribed. */
  boolean remove(Consumer consumer) {
    boolean wasFirst = !all.isEmpty() && all.getFirst() == consumer;
    boolean present = all.remove(consumer);
    if (present && consumer.isLimited()) {
      limited--;
    }
    if (present && consumer.inRing) {
      consumer.inRing = false;
      levelOf(consumer.priority()).waiting.remove(consumer);
    }
    if (present && all.stream().noneMatch(other -> other.priority() == consumer.priority())) {
      // Any number of priorities may come and go.
      levels.removeIf(level -> level.priority == consumer.priority());
    }
    if (wasFirst && singleActive && !all.isEmpty()) {
      all.addFirst(all.remove(successor()));
      offer(all.getFirst());
    }
    return present;
  }

  /** Who becomes the active one: not one whose channel ends while another is there. */
  private int successor() {
    int best = 0;
    for (int i = 1; i < all.size(); i++) {
      Consumer rival = all.get(i);
      Consumer leader = all.get(best);
      if (!rival.cancelled && (leader.cancelled || rival.priority() > leader.priority())) {
        best = i;
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
    if (limited > 0) {
      for (int i = 0; i < all.size(); i++) {
        if (mayBeActive(all.get(i))) {
          all.get(i).ask();
        }
      }
    }
  }

  /** Takes the consumer whose turn it is; {@link #offer} puts it back after its delivery. */
  @Nullable Consumer next() {
    for (int i = 0; i < levels.size(); i++) {
      Consumer consumer;
      while ((consumer = levels.get(i).waiting.pollFirst()) != null) {
        consumer.inRing = false;
        if (consumer.hasRoom()) {
          return consumer;
        }
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
    Level level = new Level(priority, new ArrayDeque<>(2));
    levels.add(i, level);
    return level;
  }
}
