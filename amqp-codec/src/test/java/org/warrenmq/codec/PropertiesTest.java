package org.warrenmq.codec;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.impl.AMQImpl;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Date;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Properties against the Java client's content header, and edits of one among others. */
class PropertiesTest {
  private static final int CLASS_SIZE = 2;
  private static final int WEIGHT_AND_SIZE = 10;

  @Test
  void theClientReadsWhatWeWrite() {
    SeededRuns.run(
        PropertiesTest.class,
        2000,
        (samples, trace) -> {
          Properties properties = samples.properties();
          trace.add(properties);
          assertTheClientReads(properties);
        });
  }

  private static void assertTheClientReads(Properties properties) {
    byte[] ours =
        Bytes.ours(
            out -> out.writeShort(60).writeZero(WEIGHT_AND_SIZE).writeBytes(properties.encode()));
    BasicProperties theirs =
        (BasicProperties) Bytes.readByThem(ours, AMQImpl::readContentHeaderFrom);
    BasicProperties expected = toClient(properties);
    assertThat(withoutHeaders(theirs)).hasToString(withoutHeaders(expected).toString());
    assertThat(plainHeaders(theirs)).isEqualTo(plainHeaders(expected));
    assertThat(Properties.decode(headerOf(theirs))).isEqualTo(properties);
  }

  @Test
  void weReadWhatTheClientWrites() {
    SeededRuns.run(
        PropertiesTest.class,
        2000,
        (samples, trace) -> {
          Properties properties = samples.properties();
          trace.add(properties);
          byte[] theirs = headerOf(toClient(properties));
          PropertyView.validate(theirs);
          assertThat(Properties.decode(theirs)).isEqualTo(properties);
        });
  }

  @Test
  void anEditLeavesTheOthersAlone() {
    SeededRuns.run(
        PropertiesTest.class,
        1000,
        (samples, trace) -> {
          Properties properties = samples.properties();
          FieldTable headers = samples.table(false);
          trace.add(properties);
          trace.add(headers);
          assertEditLeavesTheOthersAlone(properties.encode(), headers);
        });
  }

  private static void assertEditLeavesTheOthersAlone(byte[] octets, FieldTable headers) {
    byte[] before = octets.clone();
    byte[] edited = PropertyEdit.withHeaders(octets, headers);
    edited = PropertyEdit.withReplyTo(edited, "somewhere");
    edited = PropertyEdit.withExpiration(edited, "60000");
    edited = PropertyEdit.withDeliveryMode(edited, 2);
    PropertyView.validate(edited);
    PropertyView view = new PropertyView(edited);
    assertThat(view.headers()).isEqualTo(headers).isSameAs(view.headers());
    assertThat(view.replyTo()).isEqualTo("somewhere");
    assertThat(view.expiration()).isEqualTo("60000");
    assertThat(view.persistent()).isTrue();

    Properties was = Properties.decode(octets);
    byte[] back = PropertyEdit.withHeaders(edited, was.headers());
    back = PropertyEdit.withReplyTo(back, was.replyTo());
    back = PropertyEdit.withExpiration(back, was.expiration());
    back = PropertyEdit.withDeliveryMode(back, was.deliveryMode() == null ? 0 : was.deliveryMode());
    assertThat(back).isEqualTo(octets);
    assertThat(octets).isEqualTo(before);
  }

  @Test
  void absentPropertiesStayAbsent() {
    assertThat(Properties.NONE.encode()).containsExactly(0, 0);
    assertThat(Properties.decode(new byte[2])).isEqualTo(Properties.NONE);
    PropertyView view = new PropertyView(new byte[2]);
    assertThat(view.deliveryMode()).isZero();
    assertThat(view.priority()).isEqualTo(-1);
    assertThat(view.headers()).isNull();
    assertThat(view.timestamp()).isNull();
    assertThat(PropertyEdit.withoutExpiration(new byte[2])).containsExactly(0, 0);
  }

  @Test
  void anEmptyTableDiffersFromNone() {
    byte[] empty = Properties.builder().headers(FieldTable.EMPTY).build().encode();
    assertThat(empty).containsExactly(0x20, 0, 0, 0, 0, 0);
    assertThat(Properties.decode(empty).headers()).isSameAs(FieldTable.EMPTY);
    byte[] zero = Properties.builder().priority(0).deliveryMode(0).build().encode();
    assertThat(Properties.decode(zero))
        .isEqualTo(Properties.builder().priority(0).deliveryMode(0).build());
  }

  private static BasicProperties withoutHeaders(BasicProperties properties) {
    return properties.builder().headers(null).build();
  }

  /** The client keeps headers in no particular order. */
  private static Object plainHeaders(BasicProperties properties) {
    Map<String, Object> headers = properties.getHeaders();
    return headers == null ? "none" : FieldTableCodecTest.plain(headers);
  }

  private static byte[] headerOf(BasicProperties properties) {
    byte[] bytes;
    try {
      bytes = properties.toFrame(1, 0).getPayload();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Arrays.copyOfRange(bytes, CLASS_SIZE + WEIGHT_AND_SIZE, bytes.length);
  }

  private static BasicProperties toClient(Properties p) {
    return new BasicProperties(
        p.contentType(),
        p.contentEncoding(),
        p.headers() == null ? null : FieldTableCodecTest.toClient(p.headers()),
        p.deliveryMode(),
        p.priority(),
        p.correlationId(),
        p.replyTo(),
        p.expiration(),
        p.messageId(),
        p.timestamp() == null ? null : new Date(p.timestamp() * 1000),
        p.type(),
        p.userId(),
        p.appId(),
        p.clusterId());
  }

  @Test
  void validationConsumesExactlyTheProperties() {
    ByteBuf in = Unpooled.wrappedBuffer(new Samples(5).properties().encode());
    PropertyView.validate(in);
    assertThat(in.isReadable()).isFalse();
  }
}
