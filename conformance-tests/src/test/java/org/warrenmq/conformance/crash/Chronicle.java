package org.warrenmq.conformance.crash;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.warrenmq.conformance.BrokerProcess;
import org.warrenmq.conformance.crash.Bodies.Profile;
import org.warrenmq.conformance.crash.Tally.Count;

/**
 * The books of one run of the mixed load, with a history: what a broker holds can be compared with
 * what they said at any moment of the run. Times are those of {@link System#nanoTime}. Used by the
 * test thread.
 */
public final class Chronicle {
  /** What was settled so long before a moment is on disk then, as it is synced within 200 ms. */
  private static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(1_500);

  private static final List<String> TOPOLOGIES = List.of("t0", "t1");

  private final History history = History.kept();
  private final Tally compared = new Tally();
  private final Ledger ledger;
  private final Bodies bodies;
  private final SplittableRandom random;
  private final long mostBytes;
  private final List<Pause> pauses = new ArrayList<>();

  /** When a queue was declared, by its name. */
  private final Map<String, Long> declared = new HashMap<>();

  /** From the end of one process to when the books had what the next one held. */
  private record Pause(long from, long to) {}

  public Chronicle(long seed, long mostBytesPerQueue) {
    this.ledger = new Ledger(mostBytesPerQueue, history);
    this.bodies = new Bodies(seed, Profile.MIXED);
    this.random = new SplittableRandom(seed);
    this.mostBytes = mostBytesPerQueue;
  }

  // ---------------------------------------------------------------- the run

  /** Declares what the load works on, and lets it work. */
  public Load begin(BrokerProcess broker) throws Exception {
    try (Connection connection = Stage.factory(broker.uri()).newConnection()) {
      Channel channel = connection.createChannel();
      for (String queue : Landscape.queues()) {
        NumberedMessages.declare(channel, queue);
        declared.put(queue, System.nanoTime());
      }
      Landscape.declare(channel);
    }
    return load(broker);
  }

  /**
   * Goes on from what the next process holds.
   *
   * @param since the end of the one before
   */
  public Load resume(BrokerProcess broker, long since) throws Exception {
    try (Survey survey = Survey.of(broker.uri(), ledger, bodies)) {
      survey.compare(since - GRACE_NANOS);
      survey.adopt();
    }
    for (String prefix : TOPOLOGIES) {
      ledger.topology(prefix).check(broker.uri());
    }
    pauses.add(new Pause(since, System.nanoTime()));
    return load(broker);
  }

  private Load load(BrokerProcess broker) {
    List<TopologyBooks> topologies = TOPOLOGIES.stream().map(ledger::topology).toList();
    return Load.mixed(new Stage(broker.uri(), ledger, bodies), topologies, random.nextLong());
  }

  /** What was wrong while the processes lived. */
  public List<String> violations() {
    return ledger.violations();
  }

  /** What was done. */
  public String done() {
    return ledger.tally.toString();
  }

  /** How many messages had to be there in all comparisons, and were. */
  public long survived() {
    return compared.of(Count.SURVIVED);
  }

  /** What was compared. */
  public String compared() {
    return compared.toString();
  }

  // ---------------------------------------------------------------- comparisons

  /**
   * What is wrong with what a broker holds, if that is of some moment between two times: everything
   * answered before the first has to be there, and nothing asked for after the second can be.
   */
  public List<String> compare(BrokerProcess broker, long from, long to) {
    var then = new Ledger(mostBytes);
    history.write(then, from, to);
    then.tally.clear();
    try {
      compare(broker.uri(), then, from);
    } catch (Exception e) {
      then.violation("it broke off: " + e + " <- " + e.getCause() + "; " + broker.errors());
    }
    compared.add(then.tally);
    return then.violations();
  }

  private void compare(String uri, Ledger then, long from) throws Exception {
    requireQueues(uri, then, from);
    try (Survey survey = Survey.of(uri, then, bodies)) {
      survey.compare(settledBefore(from));
    }
    for (String prefix : TOPOLOGIES) {
      then.topology(prefix).check(uri);
    }
  }

  /** Those that had been declared; afterwards all are there. */
  private void requireQueues(String uri, Ledger then, long from) throws Exception {
    try (Connection connection = Stage.factory(uri).newConnection()) {
      for (String queue : Landscape.queues()) {
        Channel channel = connection.createChannel();
        try {
          channel.queueDeclarePassive(queue);
          channel.close();
        } catch (IOException e) {
          if (declared.get(queue) - from < 0) {
            then.violation("the queue %s is gone: %s".formatted(queue, e.getCause()));
          }
        }
      }
      Landscape.declare(connection.createChannel());
    }
  }

  /** What was settled before that cannot come back. */
  private long settledBefore(long moment) {
    for (Pause pause : pauses) {
      if (moment - pause.from >= 0 && moment - pause.to < 0) {
        return pause.from - GRACE_NANOS;
      }
    }
    return moment - GRACE_NANOS;
  }
}
