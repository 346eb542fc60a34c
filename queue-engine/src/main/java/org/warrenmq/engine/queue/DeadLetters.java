package org.warrenmq.engine.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.home.AcceptedBatch;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.Message;
import org.warrenmq.store.SettleReason;

/**
 * Has what leaves a queue without an ack published once more, by its {@link DeadLetterRoute}. Runs
 * in the queue's room.
 *
 * <p>A message that must outlive the process leaves the store when all queues that get the letter
 * have it on disk: it cannot vanish, and after a crash it may come twice. So many are under way at
 * most; those behind them wait in the queue, as those do whose content has to be read first. Others
 * are sent, and that is all.
 */
final class DeadLetters implements Publisher {
  private static final int MOST_UNDER_WAY = 4096;
  private static final long MOST_BYTES_UNDER_WAY = 4 * 1024 * 1024;

  /** Milliseconds after which a letter that nobody took is sent again, if the target insists. */
  private static final int AGAIN = 1000;

  private final RoomLoop loop;
  private final DeadLetterRoute route;
  private final Owner queue;

  /** Null while dead letters go nowhere. */
  private @Nullable DeadLetterTarget target;

  /** Letters under way by their sequence; a power of two. */
  private @Nullable Letter[] letters = new @Nullable Letter[16];

  /** The sequence of the oldest that may be under way, and of the next. */
  private long oldest = 1;

  private long next = 1;
  private long bytes;

  /** Taken out of the queue already, and still to be read or sent. */
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>(2);

  /** Nobody took them; sent again later. */
  private List<Letter> returned = new ArrayList<>(0);

  private boolean closed;

  /** A message that has left the queue, and not the store. */
  private static final class Letter {
    final Lane lane;
    final long position;
    final Message message;
    final SettleReason reason;
    final boolean middle;

    /** Queues that have not said what they think of it. */
    int awaited;

    boolean refused;

    Letter(Lane lane, long position, Message message, SettleReason reason, boolean middle) {
      this.lane = lane;
      this.position = position;
      this.message = message;
      this.reason = reason;
      this.middle = middle;
    }
  }

  private record Waiting(Lane lane, long position, SettleReason reason) {}

  /** The queue, as its dead letters see it. */
  interface Owner {
    /** Whether a message must outlive the process. */
    boolean keeps(Message message);

    /** There is room for more, or time has come to try once more. */
    void proceed();
  }

  DeadLetters(RoomLoop loop, DeadLetterRoute route, Owner queue, DeadLetterTarget target) {
    this.loop = loop;
    this.route = route;
    this.queue = queue;
    this.target = target;
  }

  /** Letters that leave from now on go elsewhere, or nowhere. */
  void target(@Nullable DeadLetterTarget changed) {
    target = changed;
  }

  /** Whether messages that leave for this reason become dead letters. */
  boolean wants(SettleReason reason) {
    return target != null && isDeath(reason);
  }

  private static boolean isDeath(SettleReason reason) {
    return switch (reason) {
      case REJECTED, EXPIRED, DROPPED, DELIVERY_LIMIT -> true;
      case ACKED, TAKEN -> false;
    };
  }

  /** Whether one more may be sent now; if not, the queue proceeds when it may. */
  boolean hasRoom() {
    return next - oldest < MOST_UNDER_WAY && bytes < MOST_BYTES_UNDER_WAY;
  }

  /** A message that was refused goes its way, without ever having been in the queue. */
  void refused(Message message) {
    if (target != null) {
      route.send(message, SettleReason.DROPPED, target, null, 0);
    }
  }

  /** A message has left the queue, content and all. */
  void send(Lane lane, long position, Message message, SettleReason reason, boolean middle) {
    DeadLetterTarget to = target;
    if (to == null) {
      settled(lane, position, message, reason, middle);
    } else if (!queue.keeps(message) && !to.insistent()) {
      route.send(message, reason, to, null, 0);
      settled(lane, position, message, reason, middle);
    } else {
      send(new Letter(lane, position, message, reason, middle));
    }
  }

  private void send(Letter letter) {
    if (next - oldest == letters.length) {
      grow();
    }
    long sequence = next++;
    letters[(int) sequence & letters.length - 1] = letter;
    bytes += letter.message.sizeInMemory();
    letter.refused = false;
    letter.awaited =
        target == null ? 0 : route.send(letter.message, letter.reason, target, this, sequence);
    if (letter.awaited == 0) {
      letter.refused = true;
      answered(sequence, letter);
    }
  }

  private void grow() {
    @Nullable Letter[] larger = new @Nullable Letter[letters.length * 2];
    for (long sequence = oldest; sequence < next; sequence++) {
      larger[(int) sequence & larger.length - 1] = letters[(int) sequence & letters.length - 1];
    }
    letters = larger;
  }

  @Override
  public RoomLoop loop() {
    return loop;
  }

  @Override
  public void accepted(AcceptedBatch batch) {
    if (closed) {
      return;
    }
    for (int i = 0; i < batch.count(); i++) {
      long sequence = batch.sequence(i);
      Letter letter = letters[(int) sequence & letters.length - 1];
      if (letter != null && sequence >= oldest) {
        letter.refused |= batch.isRejected(i);
        if (--letter.awaited == 0) {
          answered(sequence, letter);
        }
      }
    }
    queue.proceed();
  }

  private void answered(long sequence, Letter letter) {
    letters[(int) sequence & letters.length - 1] = null;
    while (oldest < next && letters[(int) oldest & letters.length - 1] == null) {
      oldest++;
    }
    bytes -= letter.message.sizeInMemory();
    if (letter.refused && target != null && target.insistent()) {
      if (returned.isEmpty()) {
        loop.timers().at(loop.clock().millis() + AGAIN, this::sendAgain);
      }
      returned.add(letter);
      bytes += letter.message.sizeInMemory();
    } else {
      settled(letter.lane, letter.position, letter.message, letter.reason, letter.middle);
    }
  }

  private void sendAgain() {
    List<Letter> again = returned;
    returned = new ArrayList<>(0);
    if (!closed) {
      for (Letter letter : again) {
        bytes -= letter.message.sizeInMemory();
        send(letter);
      }
      queue.proceed();
    }
  }

  private static void settled(
      Lane lane, long position, Message message, SettleReason reason, boolean middle) {
    if (middle) {
      lane.ledger().middleSettled(position, message, reason);
    } else {
      lane.ledger().settled(position, message, reason);
    }
  }

  /** A message was taken, and is to be sent when it is there and there is room. */
  void await(Lane lane, long position, SettleReason reason) {
    waiting.add(new Waiting(lane, position, reason));
  }

  /** Sends what waits, as far as that can be now. */
  void sendWaiting() {
    while (!waiting.isEmpty() && hasRoom()) {
      Waiting first = waiting.element();
      Message message = first.lane.log().get(first.position);
      if (message == null) {
        first.lane.ledger().fetch(first.position, false);
        return;
      }
      waiting.remove();
      first.lane.remove(first.position);
      send(first.lane, first.position, message, first.reason, false);
    }
  }

  /** What was ready is gone: letters under way need not be settled any more. */
  void purged() {
    Arrays.fill(letters, null);
    oldest = next;
    returned.clear();
    bytes = 0;
  }

  /** The queue is over here. */
  void close() {
    closed = true;
    waiting.clear();
  }
}
