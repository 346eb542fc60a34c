package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.Envelope;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** A consumer that keeps what it gets; filled by the client's threads, read by the test thread. */
public final class Deliveries extends DefaultConsumer {
  private final BlockingQueue<Delivery> received = new LinkedBlockingQueue<>();
  private final CountDownLatch cancelled = new CountDownLatch(1);

  public Deliveries(Channel channel) {
    super(channel);
  }

  @Override
  public void handleDelivery(
      String consumerTag, Envelope envelope, AMQP.BasicProperties properties, byte[] body) {
    received.add(new Delivery(envelope, properties, body));
  }

  @Override
  public void handleCancel(String consumerTag) {
    cancelled.countDown();
  }

  /** The next delivery, waited for. */
  public Delivery next() throws InterruptedException {
    Delivery delivery = received.poll(ConformanceTest.LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    assertThat(delivery).as("a delivery").isNotNull();
    return delivery;
  }

  /** The text of the next delivery, waited for. */
  public String nextText() throws InterruptedException {
    return new String(next().getBody(), StandardCharsets.UTF_8);
  }

  /** The texts of the next deliveries, waited for. */
  public List<String> nextTexts(int count) throws InterruptedException {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      texts.add(nextText());
    }
    return texts;
  }

  /** A delivery that has arrived already, or null. */
  public @Nullable Delivery poll() {
    return received.poll();
  }

  /** How many have arrived and were not taken. */
  public int size() {
    return received.size();
  }

  /** Whether the broker cancelled this consumer, waited for. */
  public boolean cancelledByBroker() throws InterruptedException {
    return cancelled.await(ConformanceTest.LIMIT.toMillis(), TimeUnit.MILLISECONDS);
  }
}
