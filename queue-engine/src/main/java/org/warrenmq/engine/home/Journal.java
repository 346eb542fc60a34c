package org.warrenmq.engine.home;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.loop.Mail;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.MessageStore;
import org.warrenmq.store.TurnWrites;
import org.warrenmq.store.TurnWrites.TransactionPart;
import org.warrenmq.store.WriteRequest;

/**
 * What the queues of one loop want written, gathered over a turn and handed to the message store as
 * one; and who waits for that. Lives on its loop.
 */
public final class Journal {
  private final RoomLoop loop;
  private final Acceptances acceptances;
  private final MessageStore store;
  private final StoredBodies bodies;
  private ArrayList<Source> touched = new ArrayList<>();
  private @Nullable OnDisk waiting;
  private boolean needsSync;

  /** What was handed over in an earlier one is nobody's concern any more. */
  private int term;

  /** Queues that dropped something in this turn, and whose end is not on disk. */
  private final List<End> ending = new ArrayList<>(0);

  /** A queue that has something to write. */
  public interface Source {
    /** Hands over what gathered. True when the queue must hear that it was written. */
    boolean drainTo(List<WriteRequest> target);

    /** Where the log ends that was handed over. */
    long end();

    /** The delivered mark that was handed over. */
    long mark();

    /** What was handed over up to an end, and with a mark, is on disk. */
    void onDisk(long end, long withMark);
  }

  /** The end of a queue. */
  public interface End {
    boolean isOnDisk();

    /** Runs something once it is, in the queue's room. */
    void whenOnDisk(Runnable action);
  }

  Journal(RoomLoop loop, Acceptances acceptances, MessageStore store) {
    this.loop = loop;
    this.acceptances = acceptances;
    this.store = store;
    this.bodies = new StoredBodies(loop, store);
  }

  /** The large bodies that this loop deals with. */
  public StoredBodies bodies() {
    return bodies;
  }

  MessageStore store() {
    return store;
  }

  /** What the messages of this turn are stamped with, in milliseconds since the epoch. */
  public long time() {
    return loop.turnTime();
  }

  /** The queue has something to write; called once until it was asked for it. */
  public void touch(Source queue) {
    touched.add(queue);
  }

  /**
   * Accepts a message for its publisher once everything of this turn is on disk.
   *
   * @param sequence the publisher's number for it; negative for what was refused
   */
  void acceptWhenOnDisk(Publisher publisher, long sequence, long cost) {
    waiting().publish(publisher, sequence, cost);
    needsSync = true;
  }

  /** What is written with this turn must outlive a power cut before anybody hears of it. */
  public void sync() {
    needsSync = true;
  }

  /** Nobody hears that this turn is on disk before the end of the queue is. */
  void await(End end) {
    if (!ending.contains(end)) {
      ending.add(end);
    }
  }

  /** Forgets what has gathered, and does not tell anybody of what is under way. */
  void discard() {
    touched.clear();
    waiting = null;
    needsSync = false;
    ending.clear();
    bodies.discardReferences();
    term++;
  }

  private OnDisk waiting() {
    OnDisk open = waiting;
    if (open == null) {
      open = new OnDisk();
      waiting = open;
    }
    return open;
  }

  boolean isEmpty() {
    return touched.isEmpty() && waiting == null && ending.isEmpty() && bodies.isEmpty();
  }

  /** Hands over what has gathered. */
  void submit() {
    if (touched.isEmpty() && waiting == null) {
      // Nobody waits.
      ending.clear();
      bodies.submit();
    } else {
      submit(null);
    }
  }

  /**
   * The same, as a part of a transaction.
   *
   * @param part null for an ordinary turn
   */
  void submit(@Nullable TransactionPart part) {
    bodies.submit();
    List<WriteRequest> requests = new ArrayList<>(touched.size() + 1);
    for (int i = 0; i < touched.size(); i++) {
      Source queue = touched.get(i);
      if (queue.drainTo(requests)) {
        waiting().queue(queue);
      }
    }
    touched.clear();
    OnDisk onDisk = waiting;
    waiting = null;
    if (onDisk != null) {
      onDisk.ending.addAll(ending);
    }
    ending.clear();
    Runnable completion = onDisk == null ? null : () -> loop.post(onDisk);
    store.submit(new TurnWrites(requests, needsSync, completion, part));
    needsSync = false;
  }

  /** A turn is on disk: tells its queues, then its publishers. Filled, and opened, on the loop. */
  private final class OnDisk implements Mail {
    private final int begun = term;
    private final List<Source> queues = new ArrayList<>(1);
    private final List<End> ending = new ArrayList<>(0);
    private long[] ends = new long[2];
    private @Nullable Publisher[] publishers = new @Nullable Publisher[4];

    /** Sequence and cost of each publish. */
    private long[] publishes = new long[8];

    private int count;

    void queue(Source queue) {
      if (queues.size() * 2 == ends.length) {
        ends = Arrays.copyOf(ends, ends.length * 2);
      }
      ends[queues.size() * 2] = queue.end();
      ends[queues.size() * 2 + 1] = queue.mark();
      queues.add(queue);
    }

    void publish(Publisher publisher, long sequence, long cost) {
      if (count == publishers.length) {
        publishers = Arrays.copyOf(publishers, count * 2);
        publishes = Arrays.copyOf(publishes, count * 4);
      }
      publishers[count] = publisher;
      publishes[count * 2] = sequence;
      publishes[count++ * 2 + 1] = cost;
    }

    @Override
    public void open() {
      if (begun == term) {
        for (int i = 0; i < queues.size(); i++) {
          queues.get(i).onDisk(ends[i * 2], ends[i * 2 + 1]);
        }
        accept();
      }
    }

    /** As soon as the end of each queue that dropped something is on disk as well. */
    private void accept() {
      while (!ending.isEmpty()) {
        End last = ending.getLast();
        if (!last.isOnDisk()) {
          last.whenOnDisk(this::accept);
          return;
        }
        ending.removeLast();
      }
      for (int i = 0; i < count; i++) {
        Publisher publisher = publishers[i];
        if (publisher != null) {
          acceptances.add(publisher, publishes[i * 2], publishes[i * 2 + 1]);
        }
      }
    }
  }
}
