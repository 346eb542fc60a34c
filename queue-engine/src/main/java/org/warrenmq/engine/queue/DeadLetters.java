package org.warrenmq.engine.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.home.AcceptedBatch;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.home.MessageMemory;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.queue.DeadLetterRoute.Copies;
import org.warrenmq.engine.queue.QueueCommand.Publish;
import org.warrenmq.store.SettleReason;

/**
 * Has what leaves a queue without an ack published once more, by its {@link DeadLetterRoute}. Runs
 * in the queue's room.
 *
 * <p>A message that must outlive the process leaves the store when all queues that get the letter
 * have it on disk: it cannot vanish, and after a crash it may come twice. So many are under way at
 * most; those behind them wait in the queue, as those do whose content has to be read first. Others
 * are sent, and that is all. Where the target insists, who refused a letter gets it again, and he
 * alone.
 */
final class DeadLetters implements Publisher {
  private static final int MOST_UNDER_WAY = 4096;
  private static final long MOST_BYTES_UNDER_WAY = 4 * 1024 * 1024;

  /** Milliseconds after which a letter that somebody refused is sent again. */
  private static final int AGAIN = 1000;

  private final LoopStore home;
  private final DeadLetterRoute route;
  private final Owner queue;

  /** Null while dead letters go nowhere. */
  private @Nullable DeadLetterTarget target;

  /** What is under way by its sequence; a power of two. */
  private @Nullable Copy[] copies = new @Nullable Copy[16];

  /** The sequence of the oldest that may be under way, and of the next. */
  private long oldest = 1;

  private long next = 1;

  /** What letters that are not settled take, in bytes, and are charged with. */
  private long bytes;

  /** Taken out of the queue already, and still to be read or sent. */
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>(2);

  /** Somebody did not take them; sent again later. */
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

    /** Whether one of them did not take it. */
    boolean refused;

    /** Those that have it, and need not get it again. */
    List<QueueAddress> taken = List.of();

    Letter(Lane lane, long position, Message message, SettleReason reason, boolean middle) {
      this.lane = lane;
      this.position = position;
      this.message = message;
      this.reason = reason;
      this.middle = middle;
    }
  }

  /** A letter on its way to one queue. */
  private record Copy(Letter letter, QueueAddress to) {}

  private record Waiting(Lane lane, long position, SettleReason reason) {}

  /** The queue, as its dead letters see it. */
  interface Owner {
    /** Whether a message must outlive the process. */
    boolean keeps(Message message);

    /** There is room for more, or time has come to try once more. */
    void proceed();
  }

  DeadLetters(LoopStore home, DeadLetterRoute route, Owner queue, DeadLetterTarget target) {
    this.home = home;
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
    return next - oldest + returned.size() < MOST_UNDER_WAY && bytes < MOST_BYTES_UNDER_WAY;
  }

  /** Whether nothing is under way, or waits for that. */
  boolean isIdle() {
    return next == oldest && waiting.isEmpty() && returned.isEmpty();
  }

  /** A message that was refused goes its way, without ever having been in the queue. */
  void refused(Message message) {
    if (target != null) {
      sendUnwatched(message, SettleReason.DROPPED, target);
    }
  }

  /**
   * A message has left the queue, content and all.
   *
   * @param middle whether it left from behind others; its ledger knows of that
   */
  void send(Lane lane, long position, Message message, SettleReason reason, boolean middle) {
    DeadLetterTarget to = target;
    if (to != null && (queue.keeps(message) || to.insistent())) {
      if (!middle) {
        // The store has it as long as it is under way, and what is before it may become cold again.
        lane.ledger().leavesMiddle(position);
      }
      charge(MessageMemory.cost(message));
      send(new Letter(lane, position, message, reason, true), to);
      return;
    }
    if (to != null) {
      sendUnwatched(message, reason, to);
    }
    settled(new Letter(lane, position, message, reason, middle));
  }

  private void charge(long more) {
    bytes += more;
    home.memory().add(more);
  }

  private void sendUnwatched(Message message, SettleReason reason, DeadLetterTarget to) {
    Copies found = route.route(message, reason, to);
    if (found != null) {
      for (QueueAddress address : found.queues()) {
        publish(address, found.letter(), null, 0);
      }
    }
  }

  private void publish(
      QueueAddress to, Message letter, @Nullable Publisher publisher, long sequence) {
    if (letter.hasStoredBody()) {
      home.bodies().hold(letter.content().body(), 1);
    }
    home.loop().send(to.loop(), new Publish(to, letter, publisher, sequence));
  }

  /** To all that would get it now and do not have it. */
  private void send(Letter letter, DeadLetterTarget to) {
    Copies found = route.route(letter.message, letter.reason, to);
    if (found == null && letter.taken.isEmpty()) {
      unsent(letter);
      return;
    }
    List<QueueAddress> addresses =
        found == null
            ? List.of()
            : found.queues().stream().filter(one -> !letter.taken.contains(one)).toList();
    if (found == null || addresses.isEmpty()) {
      end(letter);
      return;
    }
    letter.awaited = addresses.size();
    letter.refused = false;
    for (QueueAddress address : addresses) {
      if (next - oldest == copies.length) {
        grow();
      }
      long sequence = next++;
      copies[slot(sequence)] = new Copy(letter, address);
      publish(address, found.letter(), this, sequence);
    }
  }

  private int slot(long sequence) {
    return (int) sequence & copies.length - 1;
  }

  private void grow() {
    @Nullable Copy[] larger = new @Nullable Copy[copies.length * 2];
    for (long sequence = oldest; sequence < next; sequence++) {
      larger[(int) sequence & larger.length - 1] = copies[slot(sequence)];
    }
    copies = larger;
  }

  @Override
  public RoomLoop loop() {
    return home.loop();
  }

  @Override
  public void accepted(AcceptedBatch batch) {
    if (closed) {
      return;
    }
    for (int i = 0; i < batch.count(); i++) {
      long sequence = batch.sequence(i);
      Copy copy = copies[slot(sequence)];
      if (copy != null && sequence >= oldest) {
        answered(sequence, copy, batch.isRejected(i));
      }
    }
    queue.proceed();
  }

  private void answered(long sequence, Copy copy, boolean refused) {
    copies[slot(sequence)] = null;
    while (oldest < next && copies[slot(oldest)] == null) {
      oldest++;
    }
    Letter letter = copy.letter;
    letter.refused |= refused;
    if (!refused && target != null && target.insistent()) {
      List<QueueAddress> taken = new ArrayList<>(letter.taken);
      taken.add(copy.to);
      letter.taken = taken;
    }
    if (--letter.awaited == 0) {
      if (letter.refused) {
        unsent(letter);
      } else {
        end(letter);
      }
    }
  }

  /** Somebody has not got a letter: that is the end of it, unless the target insists. */
  private void unsent(Letter letter) {
    if (target == null || !target.insistent()) {
      end(letter);
      return;
    }
    if (returned.isEmpty()) {
      home.loop().timers().at(home.loop().clock().millis() + AGAIN, this::sendAgain);
    }
    returned.add(letter);
  }

  private void end(Letter letter) {
    charge(-MessageMemory.cost(letter.message));
    settled(letter);
  }

  private void sendAgain() {
    List<Letter> again = returned;
    returned = new ArrayList<>(0);
    DeadLetterTarget to = target;
    if (closed) {
      return;
    }
    for (Letter letter : again) {
      if (to == null) {
        end(letter);
      } else {
        send(letter, to);
      }
    }
    queue.proceed();
  }

  private static void settled(Letter letter) {
    if (letter.middle) {
      letter.lane.ledger().middleSettled(letter.position, letter.message, letter.reason);
    } else {
      letter.lane.ledger().settled(letter.position, letter.message, letter.reason);
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
    Arrays.fill(copies, null);
    oldest = next;
    returned.clear();
    charge(-bytes);
  }

  /** The queue is over here. */
  void close() {
    closed = true;
    waiting.clear();
    returned.clear();
    charge(-bytes);
  }
}
