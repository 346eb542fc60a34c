package org.warrenmq.engine.queue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.message.Message;
import org.warrenmq.store.SettleReason;

/**
 * The messages of a {@link QueueModel}, each in one place: ready, with somebody, waiting to come
 * back, or under way as a dead letter; and what became of the others. On the test's thread.
 */
final class ModelContents {
  /** Who has what a get took, or what has to wait. */
  static final Object NOBODY = new Object();

  /** A message. */
  static final class Entry {
    final Message message;
    final long due;

    /** When it came. */
    final long came;

    /** To which it belongs; null for none. */
    final @Nullable Object group;

    int returns;

    /** When it may be delivered again. */
    long retryAt;

    /** Who has it; null while it is ready. */
    @Nullable Object holder;

    Entry(Message message, long due, long came, @Nullable Object group) {
      this.message = message;
      this.due = due;
      this.came = came;
      this.group = group;
    }
  }

  /** A dead letter that is under way: it has left, and comes back if the node ends. */
  record Dying(Entry entry, SettleReason reason) {}

  private final int usualPriority;

  /** By position; the lane is in it: that of the usual priority is 0, and 0 in its place. */
  final NavigableMap<Long, Entry> present = new TreeMap<>();

  /** The highest priority first, and within it who came first. */
  final TreeSet<Long> ready =
      new TreeSet<>(
          Comparator.comparing((Long position) -> -swapped((int) (position >>> 56)))
              .thenComparing(Comparator.naturalOrder()));

  /** What came back and may not be delivered yet. */
  private final TreeSet<Long> waiting = new TreeSet<>();

  final NavigableMap<Long, Dying> dying = new TreeMap<>();

  /** What of each group is with somebody, or waits. */
  private final Map<Object, TreeSet<Long>> busy = new HashMap<>();

  private long readyBytes;

  /** Before then nothing has to leave or comes back. */
  private long quietUntil = Long.MAX_VALUE;

  /** Where something changed since that was last asked for. */
  private Set<Long> changed = new HashSet<>();

  // What became of all that came.

  long published;
  long purged;
  private final Map<SettleReason, Long> left = new EnumMap<>(SettleReason.class);

  /** Since when somebody asks how long messages were here; MAX_VALUE for not at all. */
  private long watchedSince = Long.MAX_VALUE;

  /** How long those were here that left since, as far as that is exactly known. */
  final List<Long> sojourns = new ArrayList<>();

  /**
   * @param usualPriority that of a message which names none
   */
  ModelContents(int usualPriority) {
    this.usualPriority = usualPriority;
  }

  /** The lane of a priority, and the priority of a lane. */
  int swapped(int priority) {
    return priority == usualPriority ? 0 : priority == 0 ? usualPriority : priority;
  }

  /** From now on somebody asks how long messages were here. */
  void watch(long now) {
    watchedSince = now;
    sojourns.clear();
  }

  /** When the oldest ready message came; MAX_VALUE for none. */
  long oldest() {
    return ready.stream().mapToLong(at -> get(at).came).min().orElse(Long.MAX_VALUE);
  }

  long left(SettleReason reason) {
    return left.getOrDefault(reason, 0L);
  }

  long readyBytes() {
    return readyBytes;
  }

  Set<Long> takeChanged() {
    Set<Long> now = changed;
    changed = new HashSet<>();
    return now;
  }

  Entry get(long position) {
    return present.get(position);
  }

  /** A message came; it is ready. */
  void add(long position, Entry entry) {
    published++;
    present.put(position, entry);
    makeReady(position);
  }

  /** It is for somebody, or nobody's; not ready any more. */
  void take(long position, Object holder) {
    Entry entry = get(position);
    noLongerReady(position, entry);
    hold(position, entry, holder);
  }

  /** It came back to its place. */
  void giveBack(long position) {
    letGo(position, get(position));
    makeReady(position);
  }

  private void makeReady(long position) {
    Entry entry = get(position);
    entry.holder = null;
    if (ready.add(position)) {
      readyBytes += entry.message.size();
    }
    quietUntil = Math.min(quietUntil, entry.due);
    changed.add(position);
  }

  private void noLongerReady(long position, Entry entry) {
    if (ready.remove(position)) {
      readyBytes -= entry.message.size();
    }
    changed.add(position);
  }

  private void hold(long position, Entry entry, Object holder) {
    entry.holder = holder;
    if (entry.group != null) {
      busy.computeIfAbsent(entry.group, _ -> new TreeSet<>()).add(position);
    }
  }

  private void letGo(long position, Entry entry) {
    TreeSet<Long> ofGroup = entry.group == null ? null : busy.get(entry.group);
    if (ofGroup != null && ofGroup.remove(position) && ofGroup.isEmpty()) {
      busy.remove(entry.group);
    }
  }

  /** It came back, and is ready later; until then nobody gets anything of its group. */
  void delay(long position) {
    Entry entry = get(position);
    noLongerReady(position, entry);
    waiting.add(position);
    quietUntil = Math.min(quietUntil, Math.min(entry.due, entry.retryAt));
    hold(position, entry, NOBODY);
    if (entry.group != null) {
      busy.get(entry.group).forEach(at -> get(at).holder = NOBODY);
    }
  }

  void waitNoMore() {
    List.copyOf(waiting).forEach(this::giveBack);
    waiting.clear();
  }

  /** Who has something of a group; null when nobody has. */
  @Nullable Object holder(@Nullable Object group) {
    TreeSet<Long> ofGroup = group == null ? null : busy.get(group);
    return ofGroup == null ? null : get(ofGroup.getFirst()).holder;
  }

  boolean hasBusyGroups() {
    return !busy.isEmpty();
  }

  /** It leaves, from wherever it is. */
  Entry remove(long position, SettleReason reason, long now) {
    left.merge(reason, 1L, Long::sum);
    Entry entry = present.remove(position);
    if (now >= watchedSince && (entry.came >= watchedSince || now - watchedSince >= 2000)) {
      sojourns.add(now - entry.came);
    }
    noLongerReady(position, entry);
    waiting.remove(position);
    letGo(position, entry);
    return entry;
  }

  /** All that is ready leaves. */
  int purge() {
    int count = ready.size();
    purged += count;
    changed.addAll(ready);
    present.keySet().removeAll(ready);
    ready.clear();
    readyBytes = 0;
    return count;
  }

  /** Time has passed: what waited long enough is ready again; returns what is due. */
  List<Long> due(long now) {
    if (now < quietUntil) {
      return List.of();
    }
    for (long position : List.copyOf(waiting)) {
      Entry entry = get(position);
      if (entry.due > now && entry.retryAt <= now) {
        waiting.remove(position);
        giveBack(position);
      }
    }
    TreeSet<Long> all = new TreeSet<>(waiting);
    all.addAll(ready);
    quietUntil = Long.MAX_VALUE;
    for (long position : all) {
      Entry entry = get(position);
      long retryAt = waiting.contains(position) ? entry.retryAt : Long.MAX_VALUE;
      if (entry.due > now) {
        quietUntil = Math.min(quietUntil, Math.min(entry.due, retryAt));
      }
    }
    return all.stream().filter(position -> get(position).due <= now).toList();
  }

  /** Whatever was with somebody, or under way, is ready again. */
  void restart() {
    dying.forEach(
        (position, letter) -> {
          left.merge(letter.reason, -1L, Long::sum);
          present.put(position, letter.entry);
        });
    dying.clear();
    waiting.clear();
    busy.clear();
    present.keySet().forEach(this::makeReady);
  }
}
