package org.warrenmq.engine.queue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.Stamped;
import org.warrenmq.engine.message.Stamps;
import org.warrenmq.store.Storable;
import org.warrenmq.store.WriteRequest;

/** A queue made of its write requests alone, as another node would. On the test's thread. */
final class WrittenQueue {
  private final NavigableMap<Long, Message> messages = new TreeMap<>();
  private final Map<Long, Long> times = new HashMap<>();
  private final Map<Long, Long> dues = new HashMap<>();
  private final Map<Long, Integer> returns = new HashMap<>();
  private final Map<Long, Long> retries = new HashMap<>();
  private long next;
  private long bytes;

  /** Takes over what has gathered in a queue's journal. */
  void apply(QueueJournal journal) {
    List<WriteRequest> requests = new ArrayList<>();
    journal.drainTo(requests);
    // Settlements may have come before a purge of the same turn.
    requests.forEach(this::apply);
    messages.keySet().removeIf(position -> position >= next);
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
          returns.put(returned.positions()[i], returned.counts()[i]);
          retries.put(returned.positions()[i], returned.due(i));
        }
      }
      case WriteRequest.Delivered _ -> {
        // What was delivered is ready again at a restart, whatever the mark.
      }
      default -> throw new AssertionError("not of a queue in memory: " + request);
    }
  }

  private void append(Storable stored, long time) {
    times.put(next, time);
    switch (stored) {
      case Message message -> messages.put(next, message);
      case Stamped(Message message, _, Stamps stamps) -> {
        messages.put(next, message);
        dues.put(next, stamps.due());
      }
      default -> throw new AssertionError("no message: " + stored);
    }
    bytes += stored.bodySize();
    next++;
  }

  private void remove(long position) {
    messages.remove(position);
    times.remove(position);
    returns.remove(position);
    retries.remove(position);
    dues.remove(position);
  }

  /** Whether a message is there. */
  boolean holds(long position) {
    return messages.containsKey(position);
  }

  /** The log of a queue that starts with what was written. */
  QueueLog restore() {
    QueueLog log = new QueueLog();
    long first = messages.isEmpty() ? next : messages.firstKey();
    log.restore(first, next, messages.size(), bytes);
    messages.forEach(
        (position, message) ->
            log.load(
                position,
                message,
                times.get(position),
                returns.getOrDefault(position, 0),
                dues.getOrDefault(position, Stamps.NEVER),
                retries.getOrDefault(position, 0L)));
    log.loadedBelow(next);
    return log;
  }

  /**
   * Plain conditions: this runs for every message after every step.
   *
   * @param leaving how many have left the log, and not what was written
   * @param leavingBytes octets of these
   */
  @SuppressWarnings("ReferenceEquality") // the very message is meant
  void assertSame(QueueLog log, int leaving, long leavingBytes) {
    long[] live = log.livePositions();
    if (live.length + leaving != messages.size()
        || next != log.next()
        || bytes - leavingBytes != log.bytes()) {
      throw new AssertionError(
          "%d messages, %d bytes, next %d in the log; %d, %d, %d written"
              .formatted(live.length, log.bytes(), log.next(), messages.size(), bytes, next));
    }
    for (long position : live) {
      if (messages.get(position) != log.get(position)
          || returns.getOrDefault(position, 0) != log.returns(position)
          || retries.getOrDefault(position, 0L) != log.retryAt(position)
          || dues.getOrDefault(position, Stamps.NEVER) != log.due(position)) {
        throw new AssertionError("what was written of " + position + " differs");
      }
    }
  }
}
