package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import java.io.IOException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Frames that are wrong in themselves. */
class FrameErrorTest extends ConformanceTest {
  private static final int SMALL_FRAME = 4096;

  private RawConnection raw;

  @BeforeEach
  void open() throws IOException {
    raw = rawConnection();
    raw.open(2047, SMALL_FRAME, 0);
    raw.openChannel(1);
  }

  @Test
  @Behaviour({24, 50})
  @DisplayName("a wrong end octet is named, with the octets before it")
  void wrongEndOctet() throws Exception {
    byte[] flow = Octets.method(20, 20).u8(1).toBytes();

    raw.send(RawConnection.frame(RawFrame.METHOD, 1, flow, 0x41));

    expectFrameError(
        501, "FRAME_ERROR - type 1, all octets = <<0,20,0,20,1>>: {invalid_frame_end_marker,65}");
  }

  @Test
  @Behaviour(24)
  @DisplayName("of a longer frame with a wrong end octet only the first octets are shown")
  void wrongEndOctetOfLongFrame() throws Exception {
    raw.send(RawConnection.frame(RawFrame.BODY, 1, bytes("x".repeat(40)), 0));

    AMQP.Connection.Close close = raw.expectConnectionClose();
    assertThat(close.getReplyCode()).isEqualTo(501);
    assertThat(close.getReplyText())
        .startsWith("FRAME_ERROR - type 3, first 16 octets = <<\"xxxxxxxxxxxxxxxx\">>:")
        .contains("invalid_frame_end_marker");
  }

  @Test
  @Behaviour({25, 50})
  @DisplayName("an unknown frame type is refused on a channel")
  void unknownFrameTypeOnChannel() throws Exception {
    raw.send(9, 1, bytes("abc"));

    expectFrameError(501, "FRAME_ERROR - type 9, all octets = <<\"abc\">>: unknown_frame");
  }

  @Test
  @Behaviour(25)
  @DisplayName("an unknown frame type is refused on channel 0")
  void unknownFrameTypeOnChannel0() throws Exception {
    raw.send(9, 0, new byte[0]);

    expectFrameError(501, "FRAME_ERROR - type 9, all octets = <<>>: unknown_frame");
  }

  @Test
  @Behaviour({26, 50})
  @DisplayName("a heartbeat belongs on channel 0")
  void heartbeatOnChannel() throws Exception {
    raw.send(RawFrame.HEARTBEAT, 1, new byte[0]);

    expectFrameError(505, "UNEXPECTED_FRAME - type 8, all octets = <<>>");
  }

  @Test
  @Behaviour({27, 50})
  @DisplayName("a heartbeat carries nothing")
  void heartbeatWithPayload() throws Exception {
    raw.send(RawFrame.HEARTBEAT, 0, bytes("ab"));

    expectFrameError(501, "FRAME_ERROR - type 8, all octets = <<\"ab\">>: unknown_frame");
  }

  @Test
  @Behaviour(28)
  @DisplayName("a payload of frame_max itself is tolerated")
  void payloadOfFrameMaxIsTolerated() throws Exception {
    String queue = queue();

    raw.publish(1, "", queue, new byte[SMALL_FRAME]);

    assertThat(getEventually(queue).getBody()).hasSize(SMALL_FRAME);
  }

  @Test
  @Behaviour({28, 50})
  @DisplayName("a payload above frame_max is refused")
  void payloadAboveFrameMaxIsRefused() throws Exception {
    raw.publish(1, "", "conformance-nowhere", new byte[SMALL_FRAME + 1]);

    expectFrameError(501, "FRAME_ERROR - type 3, all octets = <<>>: {frame_too_large,4097,4088}");
  }

  /** Frame errors belong to no method. */
  private void expectFrameError(int code, String text) throws IOException {
    AMQP.Connection.Close close = raw.expectConnectionClose(code, text);
    assertThat(close.getClassId()).isZero();
    assertThat(close.getMethodId()).isZero();
  }
}
