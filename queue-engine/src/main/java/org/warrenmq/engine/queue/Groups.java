package org.warrenmq.engine.queue;

import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.engine.message.Message;

/**
 * Which group of messages is with whom, in a queue that gives those of a group to one at a time, in
 * order. Runs in the queue's room.
 *
 * <p>A group is with whoever has something of it until nothing of it is out any more. So the next
 * message to be delivered may stand behind others, which are passed over: they wait here, as does
 * what came back, and are ready as ever, to be dropped, to expire or to be purged. To the lane they
 * are messages that came back. So many are passed over at most; nothing is known of a group of
 * which nothing is out and nothing waits here.
 */
final class Groups {
  /** How many ready messages are passed over at most. */
  static final int LOOK_AHEAD = 4096;

  /** No message. */
  static final long NONE = -1;

  /** A message that is cold. */
  static final long COLD = -2;

  /** It takes another look, when others had their turn. */
  static final long LATER = -3;

  /** Octets of properties that are looked through at a go, and those of one more message. */
  private static final long LOOK_AT_ONCE = 256 * 1024;

  // Bytes, about: a position with its group, twice in a tree; a group with its name.
  private static final long POSITION_SIZE = 150;
  private static final long GROUP_SIZE = 400;

  private static final class Group {
    /** Null for all that belongs to no group. */
    final @Nullable FieldValue key;

    /** Messages that are ready, and were looked at. */
    final TreeSet<Long> waiting = new TreeSet<>();

    /** Messages that somebody has. */
    int out;

    /**
     * Who has them, and gets more; null where nobody does, as a get took some, or some wait for
     * another try.
     */
    @Nullable Consumer holder;

    Group(@Nullable FieldValue key) {
      this.key = key;
    }

    boolean isFree() {
      return out == 0;
    }
  }

  private final String header;
  private final Lane lane;
  private final QueueLog log;
  private final int lookAhead;
  private final Map<FieldValue, Group> groups = new HashMap<>();
  private final Group ungrouped = new Group(null);

  /** The group of each message that waits, or is out and belongs to one. */
  private final NavigableMap<Long, Group> known = new TreeMap<>();

  /** Groups by their first message that waits: what anybody may have. */
  private final NavigableMap<Long, Group> free = new TreeMap<>();

  /** The same for those that are with a consumer. */
  private final Map<Consumer, NavigableMap<Long, Group>> held = new IdentityHashMap<>();

  private int waiting;
  private long charged;

  // The message looked at last.
  private long lookedAt = NONE;
  private @Nullable FieldValue lookedKey;

  /**
   * @param header whose value names the group of a message
   * @param lookAhead how many ready messages are passed over at most
   */
  Groups(String header, Lane lane, int lookAhead) {
    this.header = header;
    this.lane = lane;
    this.log = lane.log();
    this.lookAhead = lookAhead;
  }

  // What is next.

  /**
   * The first message that somebody with room may have, if anybody has room; {@link #NONE} when
   * there is none as far as one may look, {@link #COLD} when what follows has to be read first,
   * {@link #LATER} when this takes long.
   */
  long next() {
    long first = firstFree();
    for (Map.Entry<Consumer, NavigableMap<Long, Group>> entry : held.entrySet()) {
      long own = entry.getValue().firstKey();
      if ((first == NONE || own < first) && entry.getKey().hasRoom()) {
        first = own;
      }
    }
    return first == NONE ? lookAhead(true) : first;
  }

  /** The first message that anybody may have; otherwise the same. */
  long nextFree() {
    long first = firstFree();
    return first == NONE ? lookAhead(false) : first;
  }

  private long firstFree() {
    return free.isEmpty() ? NONE : free.firstKey();
  }

  private long lookAhead(boolean forHolders) {
    long octets = 0;
    while (true) {
      long at = lane.firstNeverDelivered();
      if (at < 0) {
        return log.cold() == null ? NONE : COLD;
      }
      Message message = log.get(at);
      if (message == null) {
        return at;
      }
      Group group = groupAt(at, message);
      if (group == null || group.isFree() || (forHolders && hasRoom(group.holder))) {
        return at;
      }
      if (waiting >= lookAhead) {
        return NONE;
      }
      if (octets > LOOK_AT_ONCE) {
        return LATER;
      }
      octets += message.content().properties().length;
      lane.passOver(at);
      lane.ledger().setAside(at);
      await(at, group);
    }
  }

  private static boolean hasRoom(@Nullable Consumer holder) {
    return holder != null && holder.hasRoom();
  }

  /** Who gets a message that is next: who has its group, or else whose turn it is. */
  Consumer taker(long position, Message message, Consumer turn) {
    Group group = groupAt(position, message);
    return group == null || group.holder == null ? turn : group.holder;
  }

  /** Whether there is something for a consumer that has no room now. */
  boolean hasFor(Consumer consumer) {
    return nextFree() != NONE || held.containsKey(consumer);
  }

  /** The group of a ready message; null when nothing is known of it, or it belongs to none. */
  private @Nullable Group groupAt(long position, Message message) {
    Group group = known.get(position);
    if (group == null) {
      FieldValue key = keyAt(position, message);
      return key == null ? null : groups.get(key);
    }
    return group;
  }

  private @Nullable FieldValue keyAt(long position, Message message) {
    if (position != lookedAt) {
      lookedKey = HeaderKey.of(message, header);
      lookedAt = position;
    }
    return lookedKey;
  }

  // What happens.

  /**
   * A ready message leaves for somebody.
   *
   * @param taker null for a get
   * @param outstanding whether it is to be settled
   */
  void taken(long position, Message message, @Nullable Consumer taker, boolean outstanding) {
    Group group = known.get(position);
    FieldValue key = group == null ? keyAt(position, message) : group.key;
    left(position);
    if (!outstanding || key == null) {
      return;
    }
    group = groups.get(key);
    if (group == null) {
      group = new Group(key);
      groups.put(key, group);
      charge(GROUP_SIZE);
    }
    unlist(group);
    group.out++;
    group.holder = taker;
    know(position, group);
    list(group);
  }

  /** Something that was out comes back. */
  void returned(long position) {
    Group group = known.get(position);
    if (group == null) {
      await(position, ungrouped);
      return;
    }
    // It waits before its group may be forgotten.
    unlist(group);
    group.waiting.add(position);
    waiting++;
    oneLessOut(group);
    list(group);
  }

  /** What was out has to wait before it is ready again: nobody gets more of its group before it. */
  void delayed(long position) {
    Group group = known.get(position);
    if (group != null) {
      unlist(group);
      group.holder = null;
      list(group);
    }
  }

  /** Something that was out has left, or has nothing to do with its group any more. */
  void settled(long position) {
    Group group = known.get(position);
    if (group != null) {
      unlist(group);
      forget(position);
      oneLessOut(group);
      list(group);
    }
  }

  private static void oneLessOut(Group group) {
    if (--group.out == 0) {
      group.holder = null;
    }
  }

  /** A ready message has left, if it was looked at. */
  void left(long position) {
    Group group = known.get(position);
    if (group != null) {
      unlist(group);
      group.waiting.remove(position);
      waiting--;
      forget(position);
      list(group);
    }
  }

  /** What is ready from a position on is as if nobody had looked at it. */
  void readAgain(long from) {
    while (!known.isEmpty() && known.lastKey() >= from) {
      left(known.lastKey());
    }
  }

  /** All that was ready has left. */
  void purged() {
    for (Long position : List.copyOf(known.keySet())) {
      Group group = known.get(position);
      if (group != null && group.waiting.contains(position)) {
        left(position);
      }
    }
  }

  /** The queue is over here. */
  void clear() {
    known.clear();
    groups.clear();
    free.clear();
    held.clear();
    ungrouped.waiting.clear();
    waiting = 0;
    charge(-charged);
  }

  // How it is kept.

  private void await(long position, Group group) {
    unlist(group);
    group.waiting.add(position);
    waiting++;
    know(position, group);
    list(group);
  }

  private void know(long position, Group group) {
    known.put(position, group);
    charge(POSITION_SIZE);
  }

  private void forget(long position) {
    known.remove(position);
    charge(-POSITION_SIZE);
  }

  private void charge(long bytes) {
    charged += bytes;
    log.chargeBeside(bytes);
  }

  /** A group is about to change: it stands where it stood no longer. */
  private void unlist(Group group) {
    if (group.waiting.isEmpty()) {
      return;
    }
    Consumer holder = group.holder;
    if (group.isFree()) {
      free.remove(group.waiting.first());
    } else if (holder != null) {
      NavigableMap<Long, Group> own = held.get(holder);
      if (own != null) {
        own.remove(group.waiting.first());
        if (own.isEmpty()) {
          held.remove(holder);
        }
      }
    }
  }

  /** It has changed. One that a get has stands nowhere. */
  private void list(Group group) {
    if (group.waiting.isEmpty()) {
      if (group.isFree() && group.key != null) {
        groups.remove(group.key);
        charge(-GROUP_SIZE);
      }
    } else if (group.isFree()) {
      free.put(group.waiting.first(), group);
    } else if (group.holder != null) {
      held.computeIfAbsent(group.holder, _ -> new TreeMap<>()).put(group.waiting.first(), group);
    }
  }

  /** Groups of which something is out, or waits here. */
  int size() {
    return groups.size();
  }
}
