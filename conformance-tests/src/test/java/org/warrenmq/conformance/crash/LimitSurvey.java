package org.warrenmq.conformance.crash;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.warrenmq.conformance.crash.Account.Survivor;

/**
 * All that queues with limits hold after a start, taken by gets until none is left: what has to
 * leave, by its time or for the limit, never is the answer to a get. Used by the test thread.
 */
final class LimitSurvey implements AutoCloseable {
  private final Ledger ledger;
  private final Bodies bodies;
  private final Connection connection;
  private final Map<LimitedAccount, Reading> readings = new LinkedHashMap<>();

  /** What one queue held; unacknowledged on a channel of its own. */
  private record Reading(Channel channel, List<Survivor> survivors) {}

  private LimitSurvey(Connection connection, Ledger ledger, Bodies bodies) {
    this.connection = connection;
    this.ledger = ledger;
    this.bodies = bodies;
  }

  /** Reads everything; the books stay as they are. */
  static LimitSurvey of(String uri, List<LimitedAccount> accounts, Ledger ledger, Bodies bodies)
      throws Exception {
    var survey = new LimitSurvey(Stage.factory(uri).newConnection(), ledger, bodies);
    try {
      for (LimitedAccount account : accounts) {
        survey.readings.put(account, survey.read(account));
      }
      return survey;
    } catch (Exception e) {
      survey.close();
      throw e;
    }
  }

  private Reading read(LimitedAccount account) throws Exception {
    Channel channel = connection.createChannel();
    Limits limits = account.limits();
    limits.declare(channel);
    var reading = new Reading(channel, new ArrayList<>());
    int expected = -1;
    while (true) {
      long askedAt = System.currentTimeMillis();
      GetResponse response = channel.basicGet(limits.queue(), false);
      if (response == null) {
        account.got(null, askedAt);
        break;
      }
      long id = Ledger.id(response.getProps().getMessageId());
      account.got(id, askedAt);
      long tag = response.getEnvelope().getDeliveryTag();
      boolean redelivered = response.getEnvelope().isRedeliver();
      boolean intact = bodies.isIntact(id, response.getBody());
      reading.survivors.add(new Survivor(id, tag, redelivered, intact));
      expected = Math.max(expected, reading.survivors.size() + response.getMessageCount());
    }
    if (!limits.expires() && expected > reading.survivors.size()) {
      ledger.violation(
          "%s counts %d messages and gives %d"
              .formatted(limits.queue(), expected, reading.survivors.size()));
    }
    return reading;
  }

  /**
   * Compares it with the books, and has them say what was found.
   *
   * @param cutoff what was settled before this time must not have come back
   */
  void compareAndAdopt(long cutoff) {
    var found = new LinkedHashMap<String, List<Survivor>>();
    readings.forEach((account, reading) -> found.put(account.limits().queue(), reading.survivors));
    ledger.compare(found, cutoff);
    ledger.adopt(found);
  }

  /** Acknowledges a part of it, the oldest or any; the rest goes back. */
  void settleSome(SplittableRandom random) throws Exception {
    for (Map.Entry<LimitedAccount, Reading> entry : readings.entrySet()) {
      LimitedAccount account = entry.getKey();
      Reading reading = entry.getValue();
      double share = random.nextDouble();
      switch (random.nextInt(3)) {
        case 0 -> ackOldest(account, reading, (int) (share * reading.survivors.size()));
        case 1 -> {
          for (Survivor survivor : reading.survivors) {
            if (random.nextDouble() < share) {
              account.settling(survivor.id());
              reading.channel.basicAck(survivor.tag(), false);
            }
          }
        }
        default -> {
          // All of it stays.
        }
      }
      // Its close-ok says that the acks have arrived and the rest is back.
      reading.channel.close();
      account.gaveAllBack();
    }
  }

  private static void ackOldest(LimitedAccount account, Reading reading, int count)
      throws Exception {
    if (count > 0) {
      reading.survivors.subList(0, count).forEach(survivor -> account.settling(survivor.id()));
      reading.channel.basicAck(reading.survivors.get(count - 1).tag(), true);
    }
  }

  @Override
  public void close() {
    connection.abort(1_000);
  }
}
