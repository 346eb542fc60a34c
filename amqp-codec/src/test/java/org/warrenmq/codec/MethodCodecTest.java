package org.warrenmq.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.rabbitmq.client.impl.AMQImpl;
import com.rabbitmq.client.impl.MethodArgumentWriter;
import com.rabbitmq.client.impl.ValueWriter;
import io.netty.buffer.Unpooled;
import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every method, both ways, against the encoder and decoder of RabbitMQ's Java client. */
class MethodCodecTest {
  private static final int ROUNDS = 300;

  private final KeyInterner keys = new KeyInterner(64);

  static Iterable<Class<?>> methods() {
    return Samples.METHODS;
  }

  @Test
  void knowsAllMethodsOfTheProtocol() {
    assertThat(Samples.METHODS).hasSize(66);
  }

  @ParameterizedTest
  @MethodSource("methods")
  void theClientReadsAndWritesWhatWeDo(Class<?> type) throws Exception {
    Samples samples = new Samples(type.getName().hashCode());
    for (int i = 0; i < ROUNDS; i++) {
      Method method = samples.method(type);
      byte[] ours = Bytes.ours(out -> MethodCodec.encode(method, out));

      com.rabbitmq.client.impl.Method theirs = Bytes.readByThem(ours, AMQImpl::readMethodFrom);
      assertThat(theirs.protocolClassId()).isEqualTo(method.classId());
      assertThat(theirs.protocolMethodId()).isEqualTo(method.methodId());
      assertThat(theirs.hasContent()).isEqualTo(method.hasContent());
      assertSameArguments(method, theirs.toString());

      byte[] back = Bytes.theirs(out -> write(theirs, out));
      // The client writes the entries of a table in an order of its own.
      assertThat(sorted(back)).isEqualTo(sorted(ours));
      assertThat(decode(back)).isEqualTo(method).hasSameHashCodeAs(method);
    }
  }

  private static byte[] sorted(byte[] bytes) {
    byte[] sorted = bytes.clone();
    Arrays.sort(sorted);
    return sorted;
  }

  /** Each argument must be where the client shows it by name: a swap of two would not pass. */
  private static void assertSameArguments(Method method, String shown) throws Exception {
    for (RecordComponent component : method.getClass().getRecordComponents()) {
      Class<?> type = component.getType();
      if (type.isPrimitive() || type == String.class) {
        Object value = component.getAccessor().invoke(method);
        String name =
            component
                .getName()
                .replace("failing", "")
                .replaceAll("([A-Z])", "-$1")
                .toLowerCase(Locale.ROOT)
                .replaceFirst("^-", "");
        // The client shows unsigned 32-bit numbers as signed ones.
        Object expected =
            value instanceof Long number && !name.equals("delivery-tag")
                ? (Object) number.intValue()
                : value;
        assertThat(shown).contains(name + "=" + expected);
      }
    }
  }

  private static void write(com.rabbitmq.client.impl.Method method, java.io.DataOutputStream out)
      throws java.io.IOException {
    out.writeShort(method.protocolClassId());
    out.writeShort(method.protocolMethodId());
    MethodArgumentWriter writer = new MethodArgumentWriter(new ValueWriter(out));
    method.writeArgumentsTo(writer);
    writer.flush();
  }

  @ParameterizedTest
  @MethodSource("methods")
  void refusesTrailingAndMissingOctets(Class<?> type) {
    Samples samples = new Samples(type.getName().length());
    for (int i = 0; i < 50; i++) {
      Method method = samples.method(type);
      byte[] whole = Bytes.ours(out -> MethodCodec.encode(method, out));
      assertUndecodable(method, Arrays.copyOf(whole, whole.length + 1));
      if (whole.length > 4) {
        int cut = 4 + samples.random.nextInt(whole.length - 4);
        assertUndecodable(method, Arrays.copyOf(whole, cut));
      }
    }
  }

  private void assertUndecodable(Method method, byte[] bytes) {
    ConnectionError error = catchThrowableOfType(ConnectionError.class, () -> decode(bytes));
    assertThat(error.code()).isEqualTo(ReplyCode.FRAME_ERROR);
    assertThat(error.text()).startsWith("FRAME_ERROR - cannot decode <<");
    assertThat(error.classId()).isEqualTo(method.classId());
    assertThat(error.methodId()).isEqualTo(method.methodId());
  }

  @Test
  void showsTheArgumentsThatDoNotDecode() {
    ConnectionError error =
        catchThrowableOfType(
            ConnectionError.class, () -> decode(Bytes.hex("003c 0050 000000000000000000 616263")));
    assertThat(error.text())
        .isEqualTo("FRAME_ERROR - cannot decode <<0,0,0,0,0,0,0,0,0,97,98,99>>");
  }

  @ParameterizedTest
  @CsvSource({"60,200", "77,10", "20,30", "0,0", "10,12", "65535,65535"})
  void namesUnknownMethods(int classId, int methodId) {
    byte[] bytes = Bytes.ours(out -> out.writeShort(classId).writeShort(methodId));
    ConnectionError error = catchThrowableOfType(ConnectionError.class, () -> decode(bytes));
    assertThat(error.code()).isEqualTo(ReplyCode.COMMAND_INVALID);
    assertThat(error.classId()).isEqualTo(classId);
    assertThat(error.methodId()).isEqualTo(methodId);
  }

  @Test
  void cutsLongReplyTexts() {
    Method close = new ChannelMethod.Close(404, "ä".repeat(200), 0, 0);
    Method read = decode(Bytes.ours(out -> MethodCodec.encode(close, out)));
    assertThat(read).isEqualTo(new ChannelMethod.Close(404, "ä".repeat(126) + "...", 0, 0));
  }

  @Test
  void keepsSecretsOutOfText() {
    byte[] secret = WireString.bytes("hush");
    assertThat(new ConnectionMethod.StartOk(FieldTable.EMPTY, "PLAIN", secret, "en_US"))
        .hasToString(
            "StartOk[clientProperties=[], mechanism=PLAIN, response=4 octets, locale=en_US]");
    assertThat(new ConnectionMethod.UpdateSecret(secret, "r"))
        .hasToString("UpdateSecret[newSecret=4 octets, reason=r]");
  }

  private Method decode(byte[] bytes) {
    return MethodCodec.decode(Unpooled.wrappedBuffer(bytes), keys);
  }
}
