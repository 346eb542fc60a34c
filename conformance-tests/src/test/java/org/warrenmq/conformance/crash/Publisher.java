package org.warrenmq.conformance.crash;

import com.rabbitmq.client.Channel;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.warrenmq.conformance.crash.Landscape.Route;
import org.warrenmq.conformance.crash.Tally.Count;

/**
 * Publishes persistent messages in bursts with confirms, so many under way at most; the client's
 * reading thread notes the confirms.
 */
final class Publisher implements Actor {
  private static final long LIMIT_SECONDS = 60;
  private static final int BURST = 60;

  private final List<Route> routes;
  private final int window;
  private final SplittableRandom random;
  private final Semaphore slots;
  private final ConcurrentSkipListMap<Long, Sent> pending = new ConcurrentSkipListMap<>();

  private record Sent(long id, Route route) {}

  Publisher(List<Route> routes, int window, long seed) {
    this.routes = routes;
    this.window = window;
    this.random = new SplittableRandom(seed);
    this.slots = new Semaphore(window);
  }

  @Override
  public void run(Stage stage) throws Exception {
    Channel channel = stage.connect().createChannel();
    channel.confirmSelect();
    channel.addConfirmListener(
        (tag, multiple) -> answered(stage.ledger, tag, multiple, true),
        (tag, multiple) -> answered(stage.ledger, tag, multiple, false));
    long id = stage.ledger.newPublisher();
    while (!stage.isOver()) {
      for (int left = random.nextInt(1, BURST); left > 0 && !stage.isOver(); left--) {
        Route route = choose(stage.ledger);
        if (route == null) {
          break;
        }
        publish(stage, channel, new Sent(++id, route));
      }
      stage.pause(random.nextInt(25));
      Stage.requireOpen(channel);
    }
    awaitSlots(channel, window);
  }

  /** One whose queues have room; none is found when most are full. */
  private @Nullable Route choose(Ledger ledger) {
    for (int attempt = 0; attempt < 8; attempt++) {
      Route route = routes.get(random.nextInt(routes.size()));
      if (route.queues().stream().noneMatch(queue -> ledger.account(queue).isFull())) {
        return route;
      }
    }
    return null;
  }

  private void publish(Stage stage, Channel channel, Sent sent) throws Exception {
    awaitSlots(channel, 1);
    byte[] body = stage.bodies.of(sent.id);
    sent.route
        .queues()
        .forEach(queue -> stage.ledger.account(queue).publishing(sent.id, body.length));
    pending.put(channel.getNextPublishSeqNo(), sent);
    Stage.send(channel, sent.route, sent.id, body);
  }

  private void awaitSlots(Channel channel, int number) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (!slots.tryAcquire(number, 100, TimeUnit.MILLISECONDS)) {
      Stage.requireOpen(channel);
      if (System.nanoTime() - end > 0) {
        throw new TimeoutException(pending.size() + " confirms do not come");
      }
    }
  }

  private void answered(Ledger ledger, long tag, boolean multiple, boolean confirmed) {
    if (multiple) {
      var until = pending.headMap(tag, true);
      for (Long earlier : until.keySet()) {
        answered(ledger, earlier, confirmed);
      }
    } else {
      answered(ledger, tag, confirmed);
    }
  }

  private void answered(Ledger ledger, long tag, boolean confirmed) {
    Sent sent = pending.remove(tag);
    if (sent == null) {
      ledger.violation("publish " + tag + " of a channel was answered twice or never made");
      return;
    }
    if (confirmed) {
      sent.route.queues().forEach(queue -> ledger.account(queue).confirmed(sent.id));
    } else {
      sent.route.queues().forEach(queue -> ledger.account(queue).refused(sent.id));
    }
    ledger.tally.add(confirmed ? Count.CONFIRMED : Count.REFUSED);
    slots.release();
  }
}
