package org.warrenmq.engine.queue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.Stamped;
import org.warrenmq.engine.message.Stamps;
import org.warrenmq.store.Storable;
import org.warrenmq.store.WriteRequest;

/** A queue made of its write requests alone, as another node would. On the test's thread. */
final class WrittenQueue {
  /** A message, and what its queue said of it. */
  private record Written(Message message, long time, long due, int returns, long retryAt) {
    Written returned(int times, long until) {
      return new Written(message, time, due, times, until);
    }
  }

  private final NavigableMap<Long, Written> messages = new TreeMap<>();

  /** Where something was written since that was last asked for. */
  private Set<Long> changed = new HashSet<>();

  private long next;
  private long bytes;

  /** Takes over what has gathered in a queue's journal. */
  void apply(QueueJournal journal) {
    List<WriteRequest> requests = new ArrayList<>();
    journal.drainTo(requests);
    requests.forEach(this::apply);
    // Settlements may have come before a purge of the same turn.
    messages.tailMap(next, true).clear();
  }

  private void apply(WriteRequest request) {
    switch (request) {
      case WriteRequest.Append(_, long first, long time, List<? extends Storable> appended) -> {
        if (first < next) {
          throw new AssertionError("append at " + first + " to a queue ending at " + next);
        }
        next = first;
        appended.forEach(message -> append(message, time));
      }
      case WriteRequest.Settle(_, _, long[] positions, long left) -> {
        Arrays.stream(positions).forEach(this::remove);
        bytes -= left;
      }
      case WriteRequest.SettleBelow(_, long below, long[] kept, long left) -> {
        List<Long> gone = new ArrayList<>(messages.headMap(below).keySet());
        gone.removeIf(position -> Arrays.binarySearch(kept, position) >= 0);
        gone.forEach(this::remove);
        bytes -= left;
      }
      case WriteRequest.Return returned -> {
        for (int i = 0; i < returned.positions().length; i++) {
          int times = returned.counts()[i];
          long until = returned.due(i);
          changed.add(returned.positions()[i]);
          messages.computeIfPresent(
              returned.positions()[i], (_, written) -> written.returned(times, until));
        }
      }
      case WriteRequest.Delivered _ -> {
        // What was delivered is ready again at a restart, whatever the mark.
      }
      default -> throw new AssertionError("not of a queue in memory: " + request);
    }
  }

  private void append(Storable stored, long time) {
    changed.add(next);
    messages.put(
        next,
        switch (stored) {
          case Message message -> new Written(message, time, Stamps.NEVER, 0, 0);
          case Stamped(Message message, _, Stamps stamps) ->
              new Written(message, time, stamps.due(), 0, 0);
          default -> throw new AssertionError("no message: " + stored);
        });
    bytes += stored.bodySize();
    next++;
  }

  private void remove(long position) {
    messages.remove(position);
    changed.add(position);
  }

  /** Whether a message is there. */
  boolean holds(long position) {
    return messages.containsKey(position);
  }

  Set<Long> takeChanged() {
    Set<Long> now = changed;
    changed = new HashSet<>();
    return now;
  }

  /** The log of a queue that starts with what was written. */
  QueueLog restore() {
    QueueLog log = new QueueLog();
    long first = messages.isEmpty() ? next : messages.firstKey();
    log.restore(first, next, messages.size(), bytes);
    messages.forEach(
        (position, written) ->
            log.load(
                position,
                written.message,
                written.time,
                written.returns,
                written.due,
                written.retryAt));
    log.loadedBelow(next);
    return log;
  }

  /**
   * As a whole it is what the log is.
   *
   * @param leaving how many have left the log, and not what was written
   * @param leavingBytes octets of these
   */
  void assertAsLong(QueueLog log, int leaving, long leavingBytes) {
    if (log.size() + leaving != messages.size()
        || next != log.next()
        || bytes - leavingBytes != log.bytes()) {
      throw new AssertionError(
          "%d messages, %d bytes, next %d in the log; %d, %d, %d written"
              .formatted(log.size(), log.bytes(), log.next(), messages.size(), bytes, next));
    }
  }

  /** What was written of a message that is in the log is the same. */
  @SuppressWarnings("ReferenceEquality") // the very message is meant
  void assertSame(QueueLog log, long position) {
    @Nullable Written written = messages.get(position);
    if (written == null
        || written.message != log.get(position)
        || written.returns != log.returns(position)
        || written.retryAt != log.retryAt(position)
        || written.due != log.due(position)) {
      throw new AssertionError("what was written of " + position + " differs");
    }
  }
}
