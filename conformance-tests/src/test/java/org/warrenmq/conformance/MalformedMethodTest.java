package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Method frames whose payload is no method, or not a whole one. */
class MalformedMethodTest extends ConformanceTest {
  private RawConnection raw;

  @BeforeEach
  void open() throws IOException {
    raw = openRawConnection();
    raw.openChannel(1);
  }

  @Test
  @Behaviour({42, 50})
  @DisplayName("arguments that end too early")
  void shortArguments() throws Exception {
    raw.send(RawFrame.METHOD, 1, Octets.method(50, 10).u16(0).toBytes());

    expectFrameError("FRAME_ERROR - cannot decode <<0,0>>", 50, 10);
  }

  @Test
  @Behaviour({42, 50})
  @DisplayName("octets after the arguments")
  void trailingOctets() throws Exception {
    raw.send(RawFrame.METHOD, 1, Octets.method(60, 10).u32(0).u16(0).u8(0).u8(0x55).toBytes());

    expectFrameError("FRAME_ERROR - cannot decode <<0,0,0,0,0,0,0,85>>", 60, 10);
  }

  @Test
  @Behaviour({42, 50})
  @DisplayName("octets after a single flag")
  void trailingOctetAfterFlag() throws Exception {
    raw.send(RawFrame.METHOD, 1, Octets.method(20, 20).u8(1).u8(1).toBytes());

    expectFrameError("FRAME_ERROR - cannot decode <<1,1>>", 20, 20);
  }

  @Test
  @Behaviour(43)
  @DisplayName("an unknown class")
  void unknownClass() throws Exception {
    raw.send(RawFrame.METHOD, 1, Octets.method(77, 1).toBytes());

    // RabbitMQ drops the socket; a broker that says why serves clients as well.
    raw.expectEndOrConnectionClose(503, 540, 501);
  }

  @Test
  @Behaviour(43)
  @DisplayName("an unknown method of a known class")
  void unknownMethod() throws Exception {
    raw.send(RawFrame.METHOD, 1, Octets.method(50, 99).toBytes());

    // RabbitMQ drops the socket; a broker that says why serves clients as well.
    raw.expectEndOrConnectionClose(503, 540, 501);
  }

  @ParameterizedTest
  @ValueSource(chars = {'?', 'Z', '0', 'U'})
  @Behaviour(43)
  @DisplayName("a table with an unknown type tag")
  void unknownTypeTag(char tag) throws Exception {
    Octets fields = new Octets().field("k", tag, new Octets().u16(7));
    raw.send(
        RawFrame.METHOD,
        1,
        Octets.method(50, 10).u16(0).shortString(queueName()).u8(0).table(fields).toBytes());

    raw.expectEndOrConnectionClose(501, 502, 503);
  }

  private void expectFrameError(String text, int classId, int methodId) throws IOException {
    AMQP.Connection.Close close = raw.expectConnectionClose(501, text);
    assertThat(close.getClassId()).isEqualTo(classId);
    assertThat(close.getMethodId()).isEqualTo(methodId);
    raw.expectEof();
  }
}
