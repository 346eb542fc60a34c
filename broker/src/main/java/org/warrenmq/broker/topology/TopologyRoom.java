package org.warrenmq.broker.topology;

import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.atomic.MpscUnboundedAtomicArrayQueue;
import org.warrenmq.engine.loop.Mail;
import org.warrenmq.engine.loop.Outboxes;
import org.warrenmq.engine.loop.Room;

/**
 * The control room: one thread of its own, so that a long change (a queue with a hundred thousand
 * bindings goes) holds up no event loop. It opens its mail in order and posts the answers of a
 * batch in one parcel per loop.
 */
public final class TopologyRoom implements Room, AutoCloseable {
  /** Commands handled before their answers leave. */
  private static final int BATCH = 64;

  private final MpscUnboundedAtomicArrayQueue<Mail> inbox =
      new MpscUnboundedAtomicArrayQueue<>(256);
  private final Outboxes outboxes = new Outboxes();
  private final Thread thread;
  private Runnable endOfBatch = () -> {};
  private long turnsHere;
  private volatile long turns;
  private volatile boolean asleep;
  private volatile boolean closed;

  public TopologyRoom() {
    thread = Thread.ofPlatform().name("warren-topology").daemon().unstarted(this::run);
  }

  /**
   * Begins to open mail.
   *
   * @param afterBatch run after each batch of mail, before what it sent leaves
   */
  public void start(Runnable afterBatch) {
    endOfBatch = afterBatch;
    thread.start();
  }

  /** How many batches of mail were opened; grows whenever mail is posted. Any thread. */
  public long turns() {
    return turns;
  }

  /** What the room does now. Any thread. */
  public StackTraceElement[] stackTrace() {
    return thread.getStackTrace();
  }

  boolean inRoom() {
    return Thread.currentThread() == thread;
  }

  @Override
  public void post(Mail mail) {
    inbox.add(mail);
    if (asleep) {
      LockSupport.unpark(thread);
    }
  }

  /** Sends mail from this room; it leaves with the batch. */
  void send(Room target, Mail mail) {
    assert inRoom();
    outboxes.add(target, mail);
  }

  private void run() {
    while (!closed) {
      int opened = 0;
      Mail mail;
      while (opened++ < BATCH && (mail = inbox.poll()) != null) {
        mail.open();
      }
      endOfBatch.run();
      outboxes.post();
      turns = ++turnsHere;
      if (inbox.isEmpty()) {
        asleep = true;
        if (inbox.isEmpty() && !closed) {
          LockSupport.park(this);
        }
        asleep = false;
      }
    }
  }

  /** Stops after the mail being opened. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
