package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.Envelope;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A running consumer and what it has been given, in order, with a proof that nothing else came: the
 * client's dispatch thread fills it, the test thread empties it. Bounded by what the test
 * publishes.
 */
final class Inbox extends DefaultConsumer {
  private static final long LIMIT_MILLIS = ConformanceTest.LIMIT.toMillis();

  private final BlockingQueue<Delivery> arrived = new LinkedBlockingQueue<>();
  private final CompletableFuture<String> started = new CompletableFuture<>();
  private final CompletableFuture<String> cancelled = new CompletableFuture<>();
  private String consumerTag = "";

  private Inbox(Channel channel) {
    super(channel);
  }

  /** Starts a consumer whose tag the server makes. */
  static Inbox consume(Channel channel, String queue, boolean autoAck) throws IOException {
    return consume(channel, queue, autoAck, Map.of());
  }

  /** Starts a consumer with arguments. */
  static Inbox consume(
      Channel channel, String queue, boolean autoAck, Map<String, Object> arguments)
      throws IOException {
    return start(channel, queue, autoAck, "", false, arguments);
  }

  /** Starts an exclusive consumer. */
  static Inbox consumeExclusively(Channel channel, String queue) throws IOException {
    return start(channel, queue, false, "", true, Map.of());
  }

  /** Starts a consumer with a tag of the caller's choice. */
  static Inbox consumeAs(Channel channel, String queue, String tag) throws IOException {
    return start(channel, queue, false, tag, false, Map.of());
  }

  private static Inbox start(
      Channel channel,
      String queue,
      boolean autoAck,
      String tag,
      boolean exclusive,
      Map<String, Object> arguments)
      throws IOException {
    var inbox = new Inbox(channel);
    inbox.consumerTag =
        channel.basicConsume(queue, autoAck, tag, false, exclusive, arguments, inbox);
    return inbox;
  }

  /** The tag in the consume-ok; the client's own record of it may come later. */
  String consumerTag() {
    return consumerTag;
  }

  /** Ends the consumer; what it holds stays unacknowledged. */
  void cancel() throws IOException {
    // The client knows the tag once its dispatch thread has seen the consume-ok.
    started.orTimeout(LIMIT_MILLIS, TimeUnit.MILLISECONDS).join();
    getChannel().basicCancel(consumerTag);
  }

  /** The next delivery; it must come within the limit. */
  Delivery next() throws InterruptedException {
    Delivery delivery = arrived.poll(LIMIT_MILLIS, TimeUnit.MILLISECONDS);
    assertThat(delivery).as("a delivery within %s", ConformanceTest.LIMIT).isNotNull();
    return delivery;
  }

  /** The delivery tag of the next delivery. */
  long nextTag() throws InterruptedException {
    return tag(next());
  }

  /** The next deliveries. */
  List<Delivery> take(int count) throws InterruptedException {
    var taken = new ArrayList<Delivery>(count);
    for (int i = 0; i < count; i++) {
      taken.add(next());
    }
    return taken;
  }

  /** The texts of the next deliveries. */
  List<String> texts(int count) throws InterruptedException {
    return take(count).stream().map(Inbox::text).toList();
  }

  /** How many have arrived and were not taken. */
  int waiting() {
    return arrived.size();
  }

  /**
   * Proves that nothing else came before the server's answer to one more request on this channel:
   * the client calls all consumers of a channel in the order of the wire, so the start of a
   * consumer on an empty queue is seen after every earlier delivery.
   */
  void assertNoMore() throws Exception {
    Channel channel = getChannel();
    Inbox marker = consume(channel, channel.queueDeclare().getQueue(), true);
    marker.started.get(LIMIT_MILLIS, TimeUnit.MILLISECONDS);
    assertThat(arrived).extracting(Inbox::text).as("further deliveries").isEmpty();
    marker.cancel();
  }

  /** The tag in the server's own basic.cancel; it must come within the limit. */
  String cancelledByServer() throws Exception {
    return cancelled.get(LIMIT_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Completed by the server's own basic.cancel, on the dispatch thread. */
  CompletableFuture<String> cancellation() {
    return cancelled;
  }

  static String text(Delivery delivery) {
    return ConformanceTest.text(delivery.getBody());
  }

  static long tag(Delivery delivery) {
    return delivery.getEnvelope().getDeliveryTag();
  }

  @Override
  public void handleConsumeOk(String tag) {
    super.handleConsumeOk(tag);
    started.complete(tag);
  }

  @Override
  public void handleCancel(String tag) {
    cancelled.complete(tag);
  }

  @Override
  public void handleDelivery(
      String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
    arrived.add(new Delivery(envelope, properties, body));
  }
}
