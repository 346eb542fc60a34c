package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Method;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldTableCodec;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.codec.WireString;

/** Values nested deeper than any stack, wherever the broker looks at them. */
class DeepNestingTest {
  private static final int LEVELS = 40_000;
  private static final int FRAME_MAX = 4 << 20;
  private static final int HEADERS = 1 << 13;
  private static final int DURABLE = 1 << 1;
  private static final FieldValue DEEP = deep(1);
  private static final FieldTable ARGUMENTS = FieldTable.of("k", DEEP);

  @TempDir private Path folder;
  private TestBroker broker;
  private RawClient client;

  /** Tables and arrays by turns, and in the innermost a number. */
  private static FieldValue deep(int innermost) {
    FieldValue value = FieldValue.of(innermost);
    for (int i = 0; i < LEVELS; i++) {
      value =
          i % 2 == 0 ? FieldValue.of(FieldTable.of("k", value)) : FieldValue.ArrayValue.of(value);
    }
    return value;
  }

  @BeforeEach
  void start() throws Exception {
    broker = TestBroker.startOn(folder, limits -> TestBroker.withFrameMax(limits, FRAME_MAX));
    client = RawClient.connect(broker.port());
    client.send(RawClient.PROTOCOL_HEADER);
    client.expect(0, AMQP.Connection.Start.class);
    client.send(0, RawClient.startOk(Map.of()));
    client.expect(0, AMQP.Connection.Tune.class);
    client.send(
        0,
        new AMQP.Connection.TuneOk.Builder()
            .channelMax(10)
            .frameMax(FRAME_MAX)
            .heartbeat(0)
            .build());
    client.send(0, RawClient.openVhost());
    client.expect(0, AMQP.Connection.OpenOk.class);
    client.openChannel(1);
  }

  @AfterEach
  void stop() throws IOException {
    client.close();
    broker.close();
  }

  private static ByteBuf method(int classId, int methodId, String... names) {
    ByteBuf out = Unpooled.buffer().writeShort(classId).writeShort(methodId).writeShort(0);
    for (String name : names) {
      WireString.writeShort(out, name);
    }
    return out;
  }

  /**
   * @param flags negative where there are none
   */
  private void send(int channel, ByteBuf method, int flags, FieldTable arguments)
      throws IOException {
    if (flags >= 0) {
      method.writeByte(flags);
    }
    FieldTableCodec.write(method, arguments);
    client.send(RawClient.frame(RawClient.METHOD, channel, ByteBufUtil.getBytes(method)));
  }

  private void declareExchange(int channel, String type, FieldTable arguments) throws IOException {
    send(channel, method(40, 10, "deep", type), DURABLE, arguments);
  }

  private void declareQueue(int channel, String name, FieldTable arguments) throws IOException {
    send(channel, method(50, 10, name), DURABLE, arguments);
  }

  private void bind(int channel, FieldTable arguments) throws IOException {
    send(channel, method(50, 20, "deep", "deep", ""), 0, arguments);
  }

  private void declareAll() throws IOException {
    declareExchange(1, "headers", ARGUMENTS);
    client.expect(1, AMQP.Exchange.DeclareOk.class);
    declareQueue(1, "deep", ARGUMENTS);
    client.expect(1, AMQP.Queue.DeclareOk.class);
    bind(1, ARGUMENTS);
    client.expect(1, AMQP.Queue.BindOk.class);
  }

  private void publish(String exchange, String key, FieldTable headers) throws IOException {
    client.send(1, new AMQP.Basic.Publish.Builder().exchange(exchange).routingKey(key).build());
    ByteBuf header = Unpooled.buffer().writeShort(60).writeShort(0).writeLong(0);
    FieldTableCodec.write(header.writeShort(HEADERS), headers);
    client.send(RawClient.frame(RawClient.HEADER, 1, ByteBufUtil.getBytes(header)));
  }

  /** The headers of the next message, or null if there is none. */
  private @Nullable FieldTable get() throws IOException {
    client.send(1, new AMQP.Basic.Get.Builder().queue("deep").noAck(true).build());
    Method answer = client.read().method();
    if (answer instanceof AMQP.Basic.GetEmpty) {
      return null;
    }
    ByteBuf header = Unpooled.wrappedBuffer(client.read().payload());
    return FieldTableCodec.read(header.skipBytes(14));
  }

  private void refused(int channel, String text) throws IOException {
    AMQP.Channel.Close close = client.expect(channel, AMQP.Channel.Close.class);
    assertThat(close.getReplyCode()).isEqualTo(406);
    assertThat(close.getReplyText()).startsWith("PRECONDITION_FAILED - ").contains(text);
  }

  @Test
  @DisplayName("as arguments and headers they are compared, passed on, and kept over a restart")
  void argumentsAndHeaders() throws Exception {
    declareAll();
    declareAll();
    publish("deep", "", ARGUMENTS);
    publish("deep", "", FieldTable.of("k", deep(2)));
    publish("", "deep", ARGUMENTS.with("BCC", FieldValue.ArrayValue.of(FieldValue.of("deep"))));
    assertThat(get()).isEqualTo(ARGUMENTS);
    assertThat(get()).isEqualTo(ARGUMENTS);
    assertThat(get()).isNull();

    stop();
    start();
    declareAll();
    publish("deep", "", ARGUMENTS);
    assertThat(get()).isEqualTo(ARGUMENTS);
    send(1, method(50, 50, "deep", "deep", ""), -1, ARGUMENTS);
    client.expect(1, AMQP.Queue.UnbindOk.class);
    publish("deep", "", ARGUMENTS);
    assertThat(get()).isNull();
  }

  @Test
  @DisplayName("where they are out of place the error says so, and shows no more than fits")
  void inErrors() throws Exception {
    declareAll();
    String wrong = "expected integer, got array";
    int channel = 1;
    for (String name : new String[] {"x-message-ttl", "x-max-priority", "x-queue-type"}) {
      client.openChannel(++channel);
      declareQueue(channel, "other", FieldTable.of(name, DEEP));
      refused(channel, name.equals("x-queue-type") ? "unsupported queue type '[{" : wrong);
    }
    client.openChannel(++channel);
    declareQueue(channel, "deep", FieldTable.of("x-queue-type", DEEP));
    refused(channel, "inequivalent arg 'x-queue-type'");
    client.openChannel(++channel);
    declareQueue(channel, "deep", FieldTable.of("x-queue-mode", DEEP));
    refused(channel, "inequivalent arg 'x-queue-mode'");
    client.openChannel(++channel);
    declareExchange(channel, "headers", ARGUMENTS.with("alternate-exchange", DEEP));
    refused(channel, "alternate-exchange");
    client.openChannel(++channel);
    bind(channel, FieldTable.of("x-match", DEEP));
    refused(channel, "Invalid x-match field type array");
  }
}
