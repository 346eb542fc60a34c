package org.warrenmq.broker.topology;

import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.atomic.MpscUnboundedAtomicArrayQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.engine.Mail;
import org.warrenmq.engine.Outboxes;
import org.warrenmq.engine.Room;

/**
 * The control room: one thread of its own, so that a long change (a queue with a hundred thousand
 * bindings goes) holds up no event loop. It opens its mail in order and posts the answers of a
 * batch in one parcel per loop.
 */
public final class TopologyRoom implements Room, AutoCloseable {
  /** Commands handled before their answers leave. */
  private static final int BATCH = 64;

  private static final Logger log = LoggerFactory.getLogger(TopologyRoom.class);

  private final MpscUnboundedAtomicArrayQueue<Mail> inbox =
      new MpscUnboundedAtomicArrayQueue<>(256);
  private final Outboxes outboxes = new Outboxes();
  private final Thread thread;
  private Runnable endOfBatch = () -> {};
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
        open(mail);
      }
      endOfBatch.run();
      outboxes.post();
      if (inbox.isEmpty()) {
        asleep = true;
        if (inbox.isEmpty() && !closed) {
          LockSupport.park(this);
        }
        asleep = false;
      }
    }
  }

  private static void open(Mail mail) {
    try {
      mail.open();
    } catch (RuntimeException | AssertionError e) {
      log.error("the topology failed to handle {}", mail.getClass().getSimpleName(), e);
    }
  }

  /** Stops after the mail being opened. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
