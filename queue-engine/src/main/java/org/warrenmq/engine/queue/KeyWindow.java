package org.warrenmq.engine.queue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldTableCodec;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.engine.home.Journal;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.home.Publisher;
import org.warrenmq.engine.loop.TimerWheel;
import org.warrenmq.engine.message.Message;
import org.warrenmq.store.WindowState.RememberedKey;
import org.warrenmq.store.WriteRequest;

/**
 * The keys of the messages that came last, by which duplicates are known. Runs in the room of its
 * owner, a queue or what an exchange keeps.
 *
 * <p>Bounded by number and by time. A key takes the place, here and in the store, of the one that
 * came as many keys before as the window has places; what is written of it goes with all else of
 * the turn, so with the message where that is appended. Only the keys of messages that outlive the
 * process are written: another message is not there after a start, and may come again.
 */
public final class KeyWindow implements Journal.Source {
  /** A message with this header is remembered for so many milliseconds. */
  private static final String TTL = "x-cache-ttl";

  /** What a key takes in memory, about: a short text or a digest, and its place. */
  private static final int COST = 240;

  private final long owner;
  private final LoopStore home;
  private final DuplicateRule rule;
  private final boolean durable;

  /** By their numbers. */
  private final LinkedHashMap<FieldValue, Remembered> keys = new LinkedHashMap<>();

  /** Keys that memory is charged for. */
  private int charged;

  private long next;

  /** When the oldest key is due, or earlier; null while none will be. */
  private TimerWheel.@Nullable Timer timer;

  private List<WriteRequest> requests = new ArrayList<>(2);

  /**
   * @param lasting whether its message outlives the process
   */
  private record Remembered(long number, long until, boolean lasting) {}

  /**
   * @param owner whose keys they are to the store
   * @param durable whether messages may outlive the process
   * @param stored those that came back at a start
   */
  public KeyWindow(
      long owner, LoopStore home, DuplicateRule rule, boolean durable, List<RememberedKey> stored) {
    this.owner = owner;
    this.home = home;
    this.rule = rule;
    this.durable = durable;
    long now = now();
    for (RememberedKey key : stored) {
      next = key.number() + 1;
      if (key.until() > now) {
        put(decoded(key.key()), new Remembered(key.number(), key.until(), true));
      }
    }
    if (!keys.isEmpty()) {
      // Not necessarily in its room so far.
      home.loop().post(this::changed);
    }
  }

  /**
   * The key of a message; null when it has none. What died in a queue and comes back is no
   * duplicate of itself.
   */
  public @Nullable FieldValue keyOf(Message message) {
    return message.traits().marks().died() ? null : HeaderKey.of(message, rule.header());
  }

  /**
   * Whether a message with that key came, as far as this is remembered.
   *
   * @param lasting whether this one outlives the process: then it repeats only what does, too
   */
  public boolean contains(FieldValue key, boolean lasting) {
    Remembered known = keys.get(key);
    return known != null && known.until > now() && (known.lasting || !lasting);
  }

  private long now() {
    return home.loop().clock().millis();
  }

  /** A message came that is no duplicate. */
  public void remember(FieldValue key, Message message, boolean lasting) {
    long now = now();
    forgetDue(now);
    long ttl = ttl(message);
    long until = ttl > Long.MAX_VALUE - now ? Long.MAX_VALUE : now + ttl;
    Remembered remembered = new Remembered(next, until, lasting);
    if (lasting) {
      int slot = (int) (next % rule.size());
      request(
          rule.onDisk()
              ? new WriteRequest.Remember(owner, slot, next, until, encoded(key))
              : new WriteRequest.AddQueue(owner));
    }
    put(key, remembered);
    changed();
  }

  private void put(FieldValue key, Remembered remembered) {
    // In the order of the numbers, whether it was there or not.
    keys.remove(key);
    keys.put(key, remembered);
    next = remembered.number + 1;
    Iterator<Remembered> oldest = keys.values().iterator();
    while (oldest.next().number <= remembered.number - rule.size()) {
      // Its place is taken.
      oldest.remove();
    }
  }

  /** What is due goes from the old end; a key before it that has longer keeps it. */
  private void forgetDue(long now) {
    Iterator<Remembered> oldest = keys.values().iterator();
    while (oldest.hasNext() && oldest.next().until <= now) {
      oldest.remove();
    }
  }

  private void changed() {
    charge();
    long due = keys.isEmpty() ? Long.MAX_VALUE : keys.firstEntry().getValue().until;
    if (timer == null && due != Long.MAX_VALUE) {
      timer = home.loop().timers().at(due, this::timeHasCome);
    }
  }

  /** Nobody may publish while memory is short: what is due goes by itself. */
  private void timeHasCome() {
    timer = null;
    forgetDue(now());
    changed();
  }

  private void charge() {
    home.memory().addRemains((long) (keys.size() - charged) * COST);
    charged = keys.size();
  }

  private long ttl(Message message) {
    FieldTable headers = message.content().view().headers();
    FieldValue own = headers == null ? null : headers.get(TTL);
    return own != null && own.isInteger() && own.asLong() > 0 ? own.asLong() : rule.ttl();
  }

  /**
   * Drops a duplicate, and accepts it for its publisher: not before the message it repeats is on
   * disk, if that has to be.
   *
   * @param publisher null when nobody needs to know
   */
  public void drop(
      FieldValue key, Message duplicate, @Nullable Publisher publisher, long sequence, long cost) {
    if (duplicate.hasStoredBody()) {
      home.bodies().release(duplicate.content().body());
    }
    Remembered known = keys.get(key);
    boolean lasting = known != null && known.lasting && !home.isMemoryOnly();
    if (lasting) {
      // The message may be part of a transaction: so this comes after it.
      request(new WriteRequest.AddQueue(owner));
    }
    if (publisher != null) {
      home.accept(publisher, sequence, cost, lasting);
    }
  }

  private void request(WriteRequest request) {
    if (!durable || home.isMemoryOnly()) {
      return;
    }
    if (requests.isEmpty()) {
      home.journal().touch(this);
    }
    requests.add(request);
  }

  private static byte[] encoded(FieldValue key) {
    ByteBuf octets = Unpooled.buffer();
    FieldTableCodec.writeEntries(octets, FieldTable.of("", key));
    byte[] encoded = new byte[octets.readableBytes()];
    octets.readBytes(encoded);
    return encoded;
  }

  private static FieldValue decoded(byte[] octets) {
    FieldValue key = FieldTableCodec.readEntries(Unpooled.wrappedBuffer(octets)).get("");
    if (key == null) {
      throw new IllegalStateException("a remembered key without a value");
    }
    return key;
  }

  /** Its owner is over here: forgets everything. */
  public void close() {
    keys.clear();
    charge();
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
    requests.clear();
  }

  /** The same, and what is stored goes, too: nothing is written of it after that. */
  public void drop() {
    close();
    request(new WriteRequest.DropQueue(owner));
  }

  @Override
  public boolean drainTo(List<WriteRequest> target) {
    target.addAll(requests);
    requests = new ArrayList<>(2);
    return false;
  }

  @Override
  public long end() {
    return 0;
  }

  /** Only queues have one. */
  @Override
  public long mark() {
    return 0;
  }

  @Override
  public void onDisk(long end, long withMark) {}
}
