package org.warrenmq.engine.queue;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.message.Stamps;
import org.warrenmq.engine.queue.QueueCommand.Measure;
import org.warrenmq.engine.queue.QueueCommand.QueueAges;
import org.warrenmq.engine.queue.QueueCommand.Sojourns;

/**
 * Answers who asks how old a queue's messages are, and sees to it that what is kept for that goes
 * when nobody asks any more. Runs in the queue's room; made with the first question.
 */
final class QueueGauge {
  /** Milliseconds without a question after which times are not kept any more. */
  static final long LEASE = 60_000;

  private final QueueAddress address;
  private final Dispatcher dispatcher;

  /** Those who wait for something to be read: as many as ask. */
  private final List<Measure> waiting = new ArrayList<>(1);

  /** Ends the {@link SojournTimes}; null while there are none. */
  private @Nullable Lease lease;

  QueueGauge(QueueAddress address, Dispatcher dispatcher) {
    this.address = address;
    this.dispatcher = dispatcher;
  }

  void measure(Measure asked) {
    if (!answers(asked)) {
      waiting.add(asked);
    }
  }

  private void watch() {
    if (lease != null) {
      lease.renew();
      return;
    }
    lease = new Lease(address.loop(), LEASE, () -> false, this::forget);
    address.home().memory().addRemains(SojournTimes.COST);
    dispatcher.watchSojourns();
  }

  private void forget() {
    if (lease != null) {
      lease.end();
      lease = null;
      dispatcher.forgetSojourns();
      address.home().memory().addRemains(-SojournTimes.COST);
    }
  }

  /** Something was read, perhaps what somebody waits for. */
  void proceed() {
    if (!waiting.isEmpty()) {
      waiting.removeIf(this::answers);
    }
  }

  private boolean answers(Measure asked) {
    if (asked.sojourns()) {
      watch();
    }
    long oldest = dispatcher.oldest();
    if (oldest == Stamps.UNKNOWN) {
      return false;
    }
    long now = address.loop().turnTime();
    long age = oldest == Stamps.NEVER ? QueueAges.NONE_READY : Math.max(0, now - oldest);
    SojournTimes times = asked.sojourns() ? dispatcher.counts().sojourns() : null;
    Sojourns sojourns = times == null ? null : times.now();
    var reply = asked.reply();
    address.loop().send(reply.room(), reply.with(new QueueAges(age, sojourns)));
    return true;
  }

  /** The queue is over here: gives those who wait. */
  List<Measure> end() {
    forget();
    return List.copyOf(waiting);
  }
}
