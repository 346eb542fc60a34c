package org.warrenmq.benchmarks.turns;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.MessageProperties;
import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.warrenmq.benchmarks.latency.Pace;

/**
 * Keys of many words meet patterns of many {@code #}, which takes the broker long for each message;
 * used by the measuring thread.
 */
final class Topics implements Case {
  private static final String EXCHANGE = "bench.turns.topics";
  private static final String QUEUE = "bench.turns.topics";

  /** Of words of one letter, so many make 255 octets, the most that a key has. */
  private static final int WORDS = 128;

  private static final int LETTERS = 8;
  private static final int LETTERS_EACH = 5;

  /** Every five of the letters: one publish then takes about 20 ms, see the line's figures. */
  private static final int PATTERNS = 1 << 3 * LETTERS_EACH;

  /** With 20 ms for each, the loop is busy for a fifth of the time. */
  private static final int PER_SECOND = 10;

  private static final int TIMED = 15;
  private static final byte[] BODY = new byte[12];

  private final SplittableRandom random = new SplittableRandom(1);
  private final Connection connection;
  private final Channel channel;
  private double publishMillis;

  Topics(ConnectionFactory factory) throws IOException, TimeoutException {
    connection = factory.newConnection("turns topics");
    channel = connection.createChannel();
    channel.exchangeDeclare(EXCHANGE, "topic", false, true, null);
    channel.queueDeclare(QUEUE, false, true, false, null);
    for (int i = 0; i < PATTERNS; i++) {
      channel.queueBindNoWait(QUEUE, EXCHANGE, pattern(i), null);
    }
    // Answered when all of the above is done.
    channel.queueDeclarePassive(QUEUE);
  }

  private static String pattern(int i) {
    var pattern = new StringBuilder("#");
    for (int j = 0, rest = i; j < LETTERS_EACH; j++, rest /= LETTERS) {
      pattern.append('.').append(letter(rest % LETTERS)).append(".#");
    }
    return pattern.toString();
  }

  private static char letter(int i) {
    return (char) ('a' + i);
  }

  /** Always another one: the broker remembers the routes of those it saw. */
  private String key() {
    return random
        .ints(WORDS, 0, LETTERS)
        .mapToObj(i -> String.valueOf(letter(i)))
        .collect(Collectors.joining("."));
  }

  /** Publishes by itself for a while, for how long one takes. */
  @Override
  public void prepare() throws IOException {
    double[] millis = new double[TIMED];
    for (int i = 0; i < TIMED; i++) {
      long start = System.nanoTime();
      publish();
      channel.messageCount(QUEUE);
      millis[i] = (System.nanoTime() - start) / 1e6;
    }
    Arrays.sort(millis);
    publishMillis = millis[TIMED / 2];
  }

  private void publish() throws IOException {
    channel.basicPublish(EXCHANGE, key(), MessageProperties.MINIMAL_BASIC, BODY);
  }

  @Override
  public long disturb(long deadlineNanos) throws Exception {
    return new Pace(PER_SECOND).repeatUntil(deadlineNanos, this::publish);
  }

  @Override
  public String figures() {
    return " publish_ms=%.2f".formatted(publishMillis);
  }

  @Override
  public void close() {
    connection.abort(60_000);
  }
}
