package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What the broker says of each publish of a channel, by number from 1: acknowledged or refused,
 * once. The test thread publishes and looks, the client's reading thread notes; guarded by itself.
 */
final class Verdicts {
  private final Channel channel;
  private final TreeSet<Long> outstanding = new TreeSet<>();
  private final List<Long> acked = new ArrayList<>();
  private final List<Long> nacked = new ArrayList<>();
  private final List<String> faults = new ArrayList<>();

  private Verdicts(Channel channel) {
    this.channel = channel;
  }

  /** Has a channel confirm what is published here. */
  static Verdicts of(Channel channel) throws IOException {
    var verdicts = new Verdicts(channel);
    channel.addConfirmListener(
        (tag, multiple) -> verdicts.note(verdicts.acked, tag, multiple),
        (tag, multiple) -> verdicts.note(verdicts.nacked, tag, multiple));
    channel.confirmSelect();
    return verdicts;
  }

  void publish(String exchange, String key, AMQP.BasicProperties properties, String text)
      throws IOException {
    synchronized (this) {
      outstanding.add(channel.getNextPublishSeqNo());
    }
    channel.basicPublish(exchange, key, true, properties, ConformanceTest.bytes(text));
  }

  /** Publishes the texts "1" to "count" to a queue, without waiting. */
  void fill(String queue, AMQP.BasicProperties properties, int count) throws IOException {
    for (int i = 1; i <= count; i++) {
      publish("", queue, properties, Integer.toString(i));
    }
  }

  /** Publishes one and waits: whether it was taken. */
  boolean takes(String exchange, String key, String text) throws IOException {
    long number = channel.getNextPublishSeqNo();
    publish(exchange, key, MessagingTest.NO_PROPERTIES, text);
    return acked().contains(number);
  }

  private synchronized void note(List<Long> verdict, long tag, boolean multiple) {
    if (!outstanding.contains(tag)) {
      faults.add("a second verdict, or never published: " + tag);
      return;
    }
    SortedSet<Long> all = outstanding.headSet(tag, true);
    if (multiple) {
      verdict.addAll(all);
      all.clear();
    } else {
      verdict.add(tag);
      outstanding.remove(tag);
    }
  }

  /** Those acknowledged, in the order of their acks, once there is a verdict on everything. */
  List<Long> acked() {
    return all(acked);
  }

  /** Those refused, in the order of their nacks, once there is a verdict on everything. */
  List<Long> nacked() {
    return all(nacked);
  }

  private List<Long> all(List<Long> verdict) {
    ConformanceTest.await("all verdicts", this::isOver);
    synchronized (this) {
      assertThat(faults).isEmpty();
      return List.copyOf(verdict);
    }
  }

  private synchronized boolean isOver() {
    return outstanding.isEmpty() || !faults.isEmpty();
  }
}
