package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.Room;
import org.warrenmq.engine.message.Message;

/**
 * What the outside saw of one queue, message by message, and whether that can be true of a queue.
 * On the test's thread.
 */
final class QueueLedger implements QueueOwner {
  /** Where a message was published, and which of its publisher's messages it is. */
  record Sent(String publisher, long number) {}

  private enum State {
    OUT,
    BACK,
    SETTLED
  }

  private static final class Fate {
    final Message message;
    State state = State.OUT;
    boolean requeued;

    Fate(Message message) {
      this.message = message;
    }
  }

  private final Room ownersRoom;
  private final QueueAddress queue;
  private final boolean autoDelete;
  private final boolean singleActive;
  private final IdentityHashMap<Message, Sent> sent = new IdentityHashMap<>();
  private final NavigableMap<Long, Fate> fates = new TreeMap<>();
  private long settled;
  private long purged;
  private int goneCalls;
  private int sealedAnswers;
  private boolean hadConsumer;

  QueueLedger(long id, HandLoop home, Room ownersRoom, QueueTraits policy) {
    this.ownersRoom = ownersRoom;
    this.autoDelete = policy.autoDelete();
    this.singleActive = policy.singleActiveConsumer();
    this.queue = Queues.open(id, home.store(), policy, QueueSettings.NONE, this);
  }

  QueueAddress queue() {
    return queue;
  }

  boolean isSingleActive() {
    return singleActive;
  }

  @Override
  public Room room() {
    return ownersRoom;
  }

  @Override
  public <T> void gone(QueueAddress which, ReplyTo<T> reply, T answer) {
    assertThat(which).isSameAs(queue);
    assertThat(autoDelete).as("only an auto-delete queue goes by itself").isTrue();
    goneCalls++;
    reply.room().post(reply.with(answer));
  }

  void published(Message message, Sent origin) {
    sent.put(message, origin);
  }

  /** A message came out: to a consumer or a get. */
  void delivered(long position, Message message, boolean redelivered, boolean noAck) {
    assertThat(sent).as("messages of this queue").containsKey(message);
    Fate fate = fates.get(position);
    if (fate == null) {
      fate = new Fate(message);
      fates.put(position, fate);
    } else {
      assertThat(fate.state).as("state of %s when delivered again", position).isEqualTo(State.BACK);
      assertThat(fate.message).isSameAs(message);
    }
    assertThat(redelivered).as("redelivered flag of %s", position).isEqualTo(fate.requeued);
    fate.state = State.OUT;
    if (noAck) {
      settled(position, Settlement.ACKED);
    }
  }

  /** A settlement was sent. */
  void settled(long position, Settlement settlement) {
    Fate fate = fates.get(position);
    assertThat(fate.state).as("state of %s when settled", position).isEqualTo(State.OUT);
    switch (settlement) {
      case ACKED, REJECTED -> {
        fate.state = State.SETTLED;
        settled++;
      }
      case REQUEUED, RETURNED -> {
        fate.state = State.BACK;
        fate.requeued = true;
      }
      case UNDELIVERED -> fate.state = State.BACK;
    }
  }

  void purged(long count) {
    purged += count;
  }

  void sealed() {
    sealedAnswers++;
  }

  void subscribed() {
    hadConsumer = true;
  }

  /** Whether somebody outside was told that the queue has ended. */
  boolean isKnownGone() {
    return goneCalls + sealedAnswers > 0;
  }

  /** What must be left once nobody holds a message any more. */
  long expectedReady() {
    return sent.size() - settled - purged;
  }

  /** To be asked at the end, when all consumers are gone and all mail is opened. */
  void verifyEnd(boolean gone) {
    assertThat(goneCalls + sealedAnswers).as("ends of a queue").isEqualTo(gone ? 1 : 0);
    if (autoDelete && hadConsumer) {
      assertThat(gone).as("an auto-delete queue goes with its last consumer").isTrue();
    }
    Map<String, Long> last = new HashMap<>();
    IdentityHashMap<Message, Long> seen = new IdentityHashMap<>();
    fates.forEach(
        (position, fate) -> {
          assertThat(seen.put(fate.message, position)).as("a message lies once").isNull();
          Sent origin = sent.get(fate.message);
          Long before = last.put(origin.publisher(), origin.number());
          assertThat(before == null || before < origin.number())
              .as("order of %s at %s", origin, position)
              .isTrue();
        });
  }
}
