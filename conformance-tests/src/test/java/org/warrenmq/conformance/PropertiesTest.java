package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Delivery;
import java.time.Instant;
import java.util.Date;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The 14 properties of a message, there and back. */
@Behaviour(124)
class PropertiesTest extends ConformanceTest {

  private BasicProperties all() {
    return new BasicProperties.Builder()
        .contentType("text/plain")
        .contentEncoding("gzip")
        .headers(Map.of("k", 1))
        .deliveryMode(2)
        .priority(7)
        .correlationId("correlation ü")
        .replyTo("reply.queue")
        .expiration("3600000")
        .messageId("message-1")
        .timestamp(Date.from(Instant.ofEpochSecond(1_700_000_000L)))
        .type("a.type")
        .userId(broker.user())
        .appId("an app")
        .clusterId("a cluster")
        .build();
  }

  @Test
  @DisplayName("all 14 come back by get")
  void allByGet() throws Exception {
    String queue = queue();

    channel().basicPublish("", queue, all(), bytes("x"));

    assertThat(getEventually(queue).getProps()).isEqualTo(all());
  }

  @Test
  @DisplayName("all 14 come back by a consumer")
  void allByConsume() throws Exception {
    String queue = queue();
    Deliveries deliveries = new Deliveries(channel());
    channel().basicConsume(queue, true, deliveries);

    channel().basicPublish("", queue, all(), bytes("x"));

    Delivery delivery = deliveries.next();
    assertThat(delivery.getProperties()).isEqualTo(all());
    assertThat(text(delivery.getBody())).isEqualTo("x");
  }

  @Test
  @DisplayName("all 14 come back in basic.return")
  void allByReturn() throws Exception {
    RawConnection raw = openRawConnection();
    raw.openChannel(1);

    raw.send(
        1,
        new AMQP.Basic.Publish.Builder().routingKey(uniqueName("nowhere")).mandatory(true).build());
    raw.sendHeader(1, 0, all());

    assertThat(raw.expect(1, AMQP.Basic.Return.class).getReplyCode()).isEqualTo(312);
    RawFrame header = raw.read();
    assertThat(header.bodySize()).isZero();
    assertThat(header.payload()).isEqualTo(Octets.header(0, all()));
  }

  static Stream<BasicProperties> single() {
    return Stream.of(
        new BasicProperties.Builder().build(),
        new BasicProperties.Builder().contentType("").build(),
        new BasicProperties.Builder().contentEncoding("utf-8").build(),
        new BasicProperties.Builder().headers(Map.of()).build(),
        new BasicProperties.Builder().headers(Map.of("a", 1)).build(),
        new BasicProperties.Builder().deliveryMode(1).build(),
        new BasicProperties.Builder().deliveryMode(2).build(),
        new BasicProperties.Builder().priority(0).build(),
        new BasicProperties.Builder().priority(255).build(),
        new BasicProperties.Builder().correlationId("c").build(),
        new BasicProperties.Builder().replyTo("r").build(),
        new BasicProperties.Builder().expiration("60000").build(),
        new BasicProperties.Builder().messageId("m").build(),
        new BasicProperties.Builder().timestamp(Date.from(Instant.EPOCH)).build(),
        new BasicProperties.Builder().type("t").build(),
        new BasicProperties.Builder().userId("guest").build(),
        new BasicProperties.Builder().appId("x".repeat(255)).build(),
        new BasicProperties.Builder().clusterId("c").build());
  }

  @ParameterizedTest
  @MethodSource("single")
  @DisplayName("absent ones stay absent, empty and zero ones stay what they are")
  void absentStaysAbsent(BasicProperties properties) throws Exception {
    String queue = queue();

    channel().basicPublish("", queue, properties, bytes("x"));

    assertThat(getEventually(queue).getProps()).isEqualTo(properties);
  }

  @Test
  @DisplayName("the octets of the content header are the same on the way out")
  void headerOctetsStayTheSame() throws Exception {
    String queue = queue();
    RawConnection raw = openRawConnection();
    raw.openChannel(1);

    raw.send(1, RawConnection.publishMethod("", queue));
    raw.sendHeader(1, 0, all());
    raw.send(1, new AMQP.Basic.Get.Builder().queue(queue).noAck(true).build());

    raw.expect(1, AMQP.Basic.GetOk.class);
    assertThat(raw.read().payload()).isEqualTo(Octets.header(0, all()));
  }
}
