package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.LongString;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How methods, headers and bodies follow each other. */
class ContentFramesTest extends ConformanceTest {
  private static final String NOT_A_METHOD =
      "UNEXPECTED_FRAME - expected method frame, got non method frame instead";
  private static final String NOT_A_HEADER =
      "UNEXPECTED_FRAME - expected content header for class 60, got non content header frame"
          + " instead";
  private static final String NOT_A_BODY =
      "UNEXPECTED_FRAME - expected content body, got non content body frame instead";
  private static final int SMALL_FRAME = 4096;

  private RawConnection raw;

  @BeforeEach
  void open() throws IOException {
    raw = rawConnection();
    raw.open(2047, SMALL_FRAME, 0);
    raw.openChannel(1);
  }

  @Test
  @Behaviour({29, 50})
  @DisplayName("a header without a method")
  void headerWithoutMethod() throws Exception {
    raw.send(RawFrame.HEADER, 1, Octets.header(60, 0));

    expectError(NOT_A_METHOD, 0, 0);
  }

  @Test
  @Behaviour({29, 50})
  @DisplayName("a body without a method")
  void bodyWithoutMethod() throws Exception {
    raw.send(RawFrame.BODY, 1, bytes("a"));

    expectError(NOT_A_METHOD, 0, 0);
  }

  @Test
  @Behaviour({30, 50})
  @DisplayName("a method where a header is due")
  void methodInsteadOfHeader() throws Exception {
    startPublish();

    sendFlow();

    expectError(NOT_A_HEADER, 60, 40);
  }

  @Test
  @Behaviour(30)
  @DisplayName("a body where a header is due")
  void bodyInsteadOfHeader() throws Exception {
    startPublish();

    raw.send(RawFrame.BODY, 1, bytes("a"));

    expectError(NOT_A_HEADER, 60, 40);
  }

  @Test
  @Behaviour({31, 50})
  @DisplayName("a method where a body is due")
  void methodInsteadOfBody() throws Exception {
    startPublish();
    raw.send(RawFrame.HEADER, 1, Octets.header(60, 3));

    sendFlow();

    expectError(NOT_A_BODY, 60, 40);
  }

  @Test
  @Behaviour(31)
  @DisplayName("a method after half of the body")
  void methodInsideBody() throws Exception {
    startPublish();
    raw.send(RawFrame.HEADER, 1, Octets.header(60, 3));
    raw.send(RawFrame.BODY, 1, bytes("ab"));

    sendFlow();

    expectError(NOT_A_BODY, 60, 40);
  }

  @Test
  @Behaviour(31)
  @DisplayName("a second header where a body is due")
  void headerInsteadOfBody() throws Exception {
    startPublish();
    raw.send(RawFrame.HEADER, 1, Octets.header(60, 3));

    raw.send(RawFrame.HEADER, 1, Octets.header(60, 3));

    expectError(NOT_A_BODY, 60, 40);
  }

  @Test
  @Behaviour({32, 50})
  @DisplayName("a header of another class")
  void headerOfAnotherClass() throws Exception {
    startPublish();

    raw.send(RawFrame.HEADER, 1, Octets.header(50, 3));

    expectError(
        "UNEXPECTED_FRAME - expected content header for class 60, got one for class 50 instead",
        60,
        40);
  }

  @Test
  @Behaviour({30, 50})
  @DisplayName("a header with a weight counts for no header")
  void headerWithWeight() throws Exception {
    startPublish();

    raw.send(RawFrame.HEADER, 1, new Octets().u16(60).u16(1).u64(3).u16(0).toBytes());

    expectError(NOT_A_HEADER, 60, 40);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  @Behaviour(124)
  @DisplayName("flags of no property are passed over, and not passed on")
  void flagsOfNoProperty(int flags) throws Exception {
    String queue = queue();

    raw.send(1, RawConnection.publishMethod("", queue));
    raw.send(RawFrame.HEADER, 1, new Octets().u16(60).u16(0).u64(0).u16(flags).toBytes());
    raw.send(1, new AMQP.Basic.Get.Builder().queue(queue).noAck(true).build());

    raw.expect(1, AMQP.Basic.GetOk.class);
    assertThat(raw.read().payload()).isEqualTo(Octets.header(60, 0));
  }

  @Test
  @Behaviour(33)
  @DisplayName("more body than announced is neither an error nor a message")
  void tooMuchBodyIsNotDetected() throws Exception {
    String queue = queue();
    raw.send(1, RawConnection.publishMethod("", queue));
    raw.send(RawFrame.HEADER, 1, Octets.header(60, 3));

    raw.send(RawFrame.BODY, 1, bytes("abcd"));

    // The connection works on, and what it is asked later has overtaken nothing.
    raw.openChannel(2);
    assertThat(get(queue)).isNull();
    raw.expectSilence(Duration.ofMillis(100));
    // That channel still waits for body frames.
    sendFlow();
    expectError(NOT_A_BODY, 60, 40);
  }

  @Test
  @Behaviour(34)
  @DisplayName("an empty body has no frame, neither in nor out")
  void emptyBodyHasNoFrame() throws Exception {
    String queue = queue();

    raw.publish(1, "", queue, new byte[0]);
    raw.send(1, new AMQP.Basic.Get.Builder().queue(queue).noAck(true).build());
    sendFlow();

    raw.expect(1, AMQP.Basic.GetOk.class);
    assertThat(raw.read().bodySize()).isZero();
    raw.expect(1, AMQP.Channel.FlowOk.class);
  }

  @Test
  @Behaviour(35)
  @DisplayName("10000 octets at frame_max 4096 come as 4088 + 4088 + 1824")
  void bodyIsSplitByFrameMax() throws Exception {
    String queue = queue();
    byte[] body = new byte[10_000];
    for (int i = 0; i < body.length; i++) {
      body[i] = (byte) (i % 251);
    }
    channel().basicPublish("", queue, null, body);

    raw.send(1, new AMQP.Basic.Consume.Builder().queue(queue).noAck(true).build());

    raw.expect(1, AMQP.Basic.ConsumeOk.class);
    raw.expect(1, AMQP.Basic.Deliver.class);
    assertThat(raw.read().bodySize()).isEqualTo(10_000);
    List<Integer> sizes = new ArrayList<>();
    Octets whole = new Octets();
    while (whole.toBytes().length < body.length) {
      RawFrame frame = raw.read();
      assertThat(frame.type()).isEqualTo(RawFrame.BODY);
      sizes.add(frame.payload().length);
      whole.raw(frame.payload());
    }
    assertThat(sizes).containsExactly(4088, 4088, 1824);
    assertThat(whole.toBytes()).isEqualTo(body);
  }

  @Test
  @Behaviour(35)
  @DisplayName("a body may come in frames of any size")
  void bodyInManySmallFrames() throws Exception {
    String queue = queue();
    raw.send(1, RawConnection.publishMethod("", queue));
    raw.sendHeader(1, 6, new AMQP.BasicProperties());

    raw.send(RawFrame.BODY, 1, bytes("ab"));
    raw.send(RawFrame.BODY, 1, new byte[0]);
    raw.send(RawFrame.BODY, 1, bytes("c"));
    raw.send(RawFrame.BODY, 1, bytes("def"));

    assertThat(getText(queue)).isEqualTo("abcdef");
  }

  @Test
  @Behaviour(36)
  @DisplayName("a header and a body frame of exactly frame_max pass")
  void headerMayFillTheFrame() throws Exception {
    String queue = queue();
    // 12 octets before the flags, 2 of flags, 4 of table length, 2 of name, 1 tag, 4 of length.
    int filling = SMALL_FRAME - 8 - (12 + 2 + 4 + 2 + 1 + 4);
    Octets fields = new Octets().field("k", 'S', new Octets().longString("v".repeat(filling)));
    byte[] header = Octets.headerWithTable(SMALL_FRAME - 8, fields);
    assertThat(header).hasSize(SMALL_FRAME - 8);

    raw.send(1, RawConnection.publishMethod("", queue));
    raw.send(RawFrame.HEADER, 1, header);
    raw.send(RawFrame.BODY, 1, new byte[SMALL_FRAME - 8]);
    raw.send(1, new AMQP.Basic.Get.Builder().queue(queue).noAck(false).build());

    raw.expect(1, AMQP.Basic.GetOk.class);
    assertThat(raw.read().payload()).isEqualTo(header);
    assertThat(raw.read().payload()).hasSize(SMALL_FRAME - 8);
    raw.send(1, new AMQP.Basic.Reject.Builder().deliveryTag(1).requeue(true).build());
    Map<String, Object> headers = getEventually(queue).getProps().getHeaders();
    assertThat(headers).hasSize(1);
    assertThat(((LongString) headers.get("k")).length()).isEqualTo(filling);
  }

  private void startPublish() throws IOException {
    raw.send(1, RawConnection.publishMethod("", "conformance-nowhere"));
  }

  private void sendFlow() throws IOException {
    raw.send(1, new AMQP.Channel.Flow.Builder().active(true).build());
  }

  private void expectError(String text, int classId, int methodId) throws IOException {
    AMQP.Connection.Close close = raw.expectConnectionClose(505, text);
    assertThat(close.getClassId()).isEqualTo(classId);
    assertThat(close.getMethodId()).isEqualTo(methodId);
    raw.expectEof();
  }
}
