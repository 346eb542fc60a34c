package org.warrenmq.conformance.crash;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * Many clients at work on one broker process, each on a virtual thread, until they are told to stop
 * or the broker is gone. Started and ended by the test thread.
 */
public final class Load implements AutoCloseable {
  private static final Duration END_LIMIT = Duration.ofSeconds(90);

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Future<?>> running = new ArrayList<>();
  final Stage stage;

  private Load(Stage stage) {
    this.stage = stage;
  }

  /** Everything at once: publishers, consumers, transactions, purges, changes of the topology. */
  static Load mixed(Stage stage, List<TopologyBooks> topologies, long seed) {
    var random = new SplittableRandom(seed);
    List<Actor> actors = new ArrayList<>();
    actors.add(new Publisher(Landscape.routes(), 300, random.nextLong()));
    actors.add(new Publisher(Landscape.routes(), 40, random.nextLong()));
    actors.add(new Publisher(Landscape.routes(), 1, random.nextLong()));
    actors.add(new Publisher(List.of(Landscape.toQueue(Landscape.TX_IN)), 50, random.nextLong()));
    actors.add(new PlainPublisher(random.nextLong()));
    actors.add(new Worker(Landscape.UNCONFIRMED, true, random.nextLong()));
    for (String queue : Landscape.WORK) {
      actors.add(new Worker(queue, !queue.equals(Landscape.SHARED), random.nextLong()));
    }
    actors.add(new Worker(Landscape.SHARED, false, random.nextLong()));
    actors.add(new Getter(random.nextLong()));
    actors.add(new Purger(random.nextLong()));
    actors.add(new Transactor(random.nextLong()));
    actors.add(new Transactor(random.nextLong()));
    for (TopologyBooks books : topologies) {
      actors.add(new TopologyActor(books, random.nextLong()));
    }
    return of(stage, actors);
  }

  static Load of(Stage stage, List<Actor> actors) {
    var load = new Load(stage);
    for (Actor actor : actors) {
      load.running.add(load.threads.submit(() -> load.act(actor)));
    }
    return load;
  }

  private void act(Actor actor) {
    try {
      actor.run(stage);
    } catch (Exception e) {
      // An actor may notice the end of the broker before the test says that it is meant to end.
      if (!stage.isEndExpected()) {
        stage.ledger.violation(actor.getClass().getSimpleName() + " failed: " + describe(e));
      }
    }
  }

  private static String describe(Throwable failure) {
    Throwable cause = failure.getCause();
    return failure + (cause == null ? "" : " <- " + cause);
  }

  /** Lets them work for a time, less when something has gone wrong. */
  public void work(Duration time) throws InterruptedException {
    stage.ledger.awaitViolation(time.toMillis());
  }

  /** From now on the broker may vanish. */
  public void expectEnd() {
    stage.expectEnd();
  }

  /** Waits until all have noticed that the broker is gone. */
  public void awaitBrokerGone() throws Exception {
    join();
    Awaitility.await("the end of all connections").atMost(END_LIMIT).until(() -> !stage.anyOpen());
  }

  /** Has all come to their end in good order. */
  void finish() throws Exception {
    stage.end();
    join();
  }

  private void join() throws Exception {
    for (Future<?> actor : running) {
      actor.get(END_LIMIT.toSeconds(), TimeUnit.SECONDS);
    }
  }

  /** Cuts off whatever still runs. */
  @Override
  public void close() {
    stage.expectEnd();
    stage.end();
    stage.abortAll();
    threads.shutdownNow();
  }
}
