package org.warrenmq.conformance.chaos;

import com.rabbitmq.client.Channel;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Declares a queue and gets from it again and again, and takes the time; a virtual thread. */
final class Probe {
  private static final long PACE_MILLIS = 10;
  private static final String QUEUE = "probe";

  private final Channel channel;
  private final CountDownLatch over = new CountDownLatch(1);
  private final Thread thread;
  final Latencies answers = new Latencies();

  private Probe(Channel channel, Faults faults) {
    this.channel = channel;
    this.thread = Thread.ofVirtual().name("probe").start(() -> faults.guard(this::run));
  }

  static Probe start(HonestClients clients, Faults faults) throws Exception {
    return new Probe(clients.channel(), faults);
  }

  private void run() throws Exception {
    while (!over.await(PACE_MILLIS, TimeUnit.MILLISECONDS)) {
      long begun = System.nanoTime();
      channel.queueDeclare(QUEUE, false, true, false, null);
      channel.basicGet(QUEUE, true);
      answers.add(System.nanoTime() - begun);
    }
  }

  void stop() throws InterruptedException {
    over.countDown();
    thread.join();
  }
}
