package org.warrenmq.engine.exchange;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.engine.home.AcceptedBatch;
import org.warrenmq.engine.home.Journal;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.queue.DuplicateRule;
import org.warrenmq.engine.queue.KeyWindow;
import org.warrenmq.engine.queue.QueueAddress;
import org.warrenmq.engine.queue.Queues;
import org.warrenmq.store.WindowState.RememberedKey;

/**
 * The room of an exchange that drops duplicates: what is published to its {@link QueueAddress} goes
 * on to the queues at once unless its key came before; what has no key goes this way, too, so that
 * all keep their order. The publisher that these queues tell. Lives on one loop.
 *
 * <p>A key is remembered when all queues have its message, on disk if that has to last, and only
 * then the publisher hears of either: whatever a crash leaves, no message is taken for a duplicate
 * of one that is not there. What came to no queue, or was refused by one, is not remembered. A
 * duplicate of a message that is under way hears what that one does; but one that comes from
 * another such exchange is refused, as the two might wait for each other.
 *
 * <p>What is under way is bounded by its publishers' read gates.
 */
public final class Deduplication implements ExchangeRoom, Publisher {
  private final QueueAddress address;
  private final LoopStore home;
  private final boolean durable;
  private final Forwarding forwarding;
  private final KeyWindow window;

  /** By their ids, which grow: the oldest first. */
  private final LinkedHashMap<Long, UnderWay> underWay = new LinkedHashMap<>();

  private final Map<FieldValue, UnderWay> byKey = new HashMap<>();

  /** The messages themselves: one that comes around, by another exchange, is the very same. */
  private final Set<Message> around = Collections.newSetFromMap(new IdentityHashMap<>());

  /** Commits that wait for what they sent here; null while none does. */
  private @Nullable List<Commitment> commitments;

  private long lastId;
  private boolean ended;

  /** Who waits for a message, and with what number. */
  private record Waiting(@Nullable Publisher publisher, long sequence, long cost) {}

  /** A message, and how many queues have to say that they took it. */
  private static final class UnderWay {
    final @Nullable FieldValue key;
    final Message message;
    final List<Waiting> waiting = new ArrayList<>(1);
    int queues;
    boolean refused;

    UnderWay(@Nullable FieldValue key, Message message) {
      this.key = key;
      this.message = message;
    }
  }

  /** What came here up to an id has to be in its queues before a commit is answered. */
  private final class Commitment implements Journal.End {
    final long epoch = home.loop().epoch();
    long upTo;
    final List<Runnable> then = new ArrayList<>(1);

    @Override
    public boolean isOnDisk() {
      return underWay.isEmpty() || underWay.firstEntry().getKey() > upTo;
    }

    @Override
    public void whenOnDisk(Runnable action) {
      then.add(action);
    }
  }

  private Deduplication(
      QueueAddress address,
      boolean durable,
      DuplicateRule rule,
      Forwarding forwarding,
      List<RememberedKey> stored) {
    this.address = address;
    this.home = address.home();
    this.durable = durable;
    this.forwarding = forwarding;
    this.window = new KeyWindow(address.id(), home, rule, durable, stored);
  }

  /**
   * That of an exchange, new or as it comes back at a start. Any thread, before anybody has its
   * address.
   *
   * @param id never used for a queue, or for something else that an exchange keeps
   * @param durable whether the exchange is: its keys may outlive the process
   * @param stored the keys that came back
   */
  public static Deduplication open(
      long id,
      LoopStore home,
      boolean durable,
      DuplicateRule rule,
      Forwarding forwarding,
      List<RememberedKey> stored) {
    return Queues.house(
        id, home, address -> new Deduplication(address, durable, rule, forwarding, stored));
  }

  @Override
  public QueueAddress address() {
    return address;
  }

  @Override
  public void start() {}

  @Override
  public RoomLoop loop() {
    return home.loop();
  }

  @Override
  public void publish(Message message, @Nullable Publisher publisher, long sequence, long cost) {
    if (ended || around.contains(message)) {
      // Its end is on disk; or what it would wait for waits for this.
      home.bodies().release(message.content().body());
      answer(new Waiting(publisher, sequence, cost), false);
      return;
    }
    FieldValue key = window.keyOf(message);
    UnderWay first = key == null ? null : byKey.get(key);
    if (first != null && (isLasting(first.message) || !isLasting(message))) {
      home.bodies().release(message.content().body());
      repeat(first, new Waiting(publisher, sequence, cost));
    } else if (key != null && window.contains(key, isLasting(message))) {
      window.drop(key, message, publisher, sequence, cost);
    } else {
      forward(key, message, new Waiting(publisher, sequence, cost));
    }
  }

  private boolean isLasting(Message message) {
    return durable && message.persistent();
  }

  private void repeat(UnderWay first, Waiting publisher) {
    if (publisher.publisher instanceof Deduplication) {
      home.reject(publisher.publisher, publisher.sequence, publisher.cost);
    } else {
      first.waiting.add(publisher);
      awaitCommit();
    }
  }

  private void forward(@Nullable FieldValue key, Message message, Waiting publisher) {
    UnderWay one = new UnderWay(key, message);
    one.queues = forwarding.forward(message, this, ++lastId);
    if (one.queues == 0) {
      answer(publisher, false);
      return;
    }
    one.waiting.add(publisher);
    around.add(message);
    underWay.put(lastId, one);
    if (key != null) {
      byKey.put(key, one);
    }
    awaitCommit();
  }

  /** A commit is answered when what it sent here is where it has to be. */
  private void awaitCommit() {
    if (!home.isCommitting()) {
      return;
    }
    List<Commitment> present = commitments == null ? new ArrayList<>(1) : commitments;
    commitments = present;
    if (present.isEmpty() || present.getLast().epoch != home.loop().epoch()) {
      present.add(new Commitment());
    }
    present.getLast().upTo = lastId;
    home.await(present.getLast());
  }

  @Override
  public void accepted(AcceptedBatch batch) {
    for (int i = 0; i < batch.count(); i++) {
      UnderWay one = underWay.get(batch.sequence(i));
      if (one != null) {
        one.refused |= batch.isRejected(i);
        if (--one.queues == 0) {
          underWay.remove(batch.sequence(i));
          around.remove(one.message);
          if (one.key != null) {
            // Unless one that lasts came after it.
            byKey.remove(one.key, one);
          }
          arrived(one);
        }
      }
    }
    answerCommits();
  }

  private void arrived(UnderWay one) {
    boolean lasting = one.key != null && isLasting(one.message) && !ended;
    if (one.key != null && !one.refused && !ended && !window.contains(one.key, lasting)) {
      window.remember(one.key, one.message, lasting);
    }
    for (Waiting waiting : one.waiting) {
      if (one.refused) {
        home.reject(waiting.publisher, waiting.sequence, waiting.cost);
      } else {
        answer(waiting, lasting);
      }
    }
  }

  private void answer(Waiting waiting, boolean whenOnDisk) {
    if (waiting.publisher != null) {
      home.accept(waiting.publisher, waiting.sequence, waiting.cost, whenOnDisk);
    }
  }

  private void answerCommits() {
    List<Commitment> present = commitments;
    if (present == null) {
      return;
    }
    List<Commitment> done = present.stream().filter(Commitment::isOnDisk).toList();
    present.removeAll(done);
    if (present.isEmpty()) {
      commitments = null;
    }
    for (Commitment commitment : done) {
      commitment.then.forEach(Runnable::run);
    }
  }

  /** What is under way arrives all the same. */
  @Override
  public void end() {
    if (!ended) {
      ended = true;
      window.drop();
    }
  }
}
