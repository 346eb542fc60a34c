package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Method;
import com.rabbitmq.client.impl.AMQImpl;
import com.rabbitmq.client.impl.LongStringHelper;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.function.IntConsumer;

/** A plain socket that speaks frames, for one test thread; reads have a deadline. */
final class RawClient implements AutoCloseable {
  static final byte[] PROTOCOL_HEADER = {'A', 'M', 'Q', 'P', 0, 0, 9, 1};
  static final int METHOD = 1;
  static final int HEADER = 2;
  static final int BODY = 3;
  static final int HEARTBEAT = 8;
  private static final int FRAME_END = 0xCE;
  private static final int BASIC = 60;
  private static final int FRAME_MAX = 131072;

  /** One frame as it was on the wire. */
  record RawFrame(int type, int channel, byte[] payload) {
    Method method() {
      assertThat(type).as("type of %s", this).isEqualTo(METHOD);
      try {
        return AMQImpl.readMethodFrom(new DataInputStream(new ByteArrayInputStream(payload)));
      } catch (IOException e) {
        throw new AssertionError("cannot decode the method of " + this, e);
      }
    }

    /** The body size that a content header announces. */
    long bodySize() {
      assertThat(type).as("type of %s", this).isEqualTo(HEADER);
      return ByteBuffer.wrap(payload).getLong(4);
    }

    @Override
    public String toString() {
      return "frame type %d on channel %d, %d octets".formatted(type, channel, payload.length);
    }
  }

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;

  private RawClient(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    this.out = socket.getOutputStream();
  }

  /** Connects; sends nothing. */
  static RawClient connect(int port) throws IOException {
    return connect(port, 0);
  }

  /**
   * @param receiveBuffer octets that the system takes for us unread; 0 leaves that to the system
   */
  static RawClient connect(int port, int receiveBuffer) throws IOException {
    Socket socket = new Socket();
    try {
      if (receiveBuffer > 0) {
        socket.setReceiveBufferSize(receiveBuffer);
      }
      int limit = (int) TestBroker.LIMIT.toMillis();
      socket.connect(new InetSocketAddress("127.0.0.1", port), limit);
      socket.setSoTimeout(limit);
      socket.setTcpNoDelay(true);
      return new RawClient(socket);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** The whole handshake as guest, without heartbeats, and channel 1. */
  void open(Map<String, Object> clientProperties) throws IOException {
    send(PROTOCOL_HEADER);
    expect(0, AMQP.Connection.Start.class);
    send(0, startOk(clientProperties));
    expect(0, AMQP.Connection.Tune.class);
    send(0, tuneOk());
    send(0, openVhost());
    expect(0, AMQP.Connection.OpenOk.class);
    openChannel(1);
  }

  void openChannel(int channel) throws IOException {
    send(channel, new AMQP.Channel.Open.Builder().build());
    expect(channel, AMQP.Channel.OpenOk.class);
  }

  static Method startOk(Map<String, Object> clientProperties) {
    return startOk("guest", clientProperties);
  }

  /** The password is guest. */
  static Method startOk(String user, Map<String, Object> clientProperties) {
    return new AMQP.Connection.StartOk.Builder()
        .clientProperties(clientProperties)
        .mechanism("PLAIN")
        .response(LongStringHelper.asLongString("\0" + user + "\0guest"))
        .locale("en_US")
        .build();
  }

  static Method tuneOk() {
    return tuneOk(0);
  }

  /**
   * @param heartbeat interval in seconds
   */
  static Method tuneOk(int heartbeat) {
    return new AMQP.Connection.TuneOk.Builder()
        .channelMax(2047)
        .frameMax(FRAME_MAX)
        .heartbeat(heartbeat)
        .build();
  }

  static Method openVhost() {
    return new AMQP.Connection.Open.Builder().virtualHost("/").build();
  }

  /** Sends octets as they are. */
  void send(byte[] octets) throws IOException {
    out.write(octets);
    out.flush();
  }

  void send(int channel, Method method) throws IOException {
    send(frame(channel, method));
  }

  /** basic.publish to a queue by the default exchange, in one write. */
  void publish(int channel, String queue, byte[] body) throws IOException {
    send(publishing(channel, queue, body));
  }

  static byte[] publishing(int channel, String queue, byte[] body) {
    ByteArrayOutputStream octets = new ByteArrayOutputStream();
    octets.writeBytes(
        frame(channel, new AMQP.Basic.Publish.Builder().exchange("").routingKey(queue).build()));
    octets.writeBytes(frame(HEADER, channel, contentHeader(body.length)));
    if (body.length > 0) {
      octets.writeBytes(frame(BODY, channel, body));
    }
    return octets.toByteArray();
  }

  /** A content header without properties. */
  static byte[] contentHeader(long bodySize) {
    return ByteBuffer.allocate(14)
        .putShort((short) BASIC)
        .putShort(2, (short) 0)
        .putLong(4, bodySize)
        .array();
  }

  static byte[] frame(int channel, Method method) {
    ByteArrayOutputStream octets = new ByteArrayOutputStream();
    try {
      DataOutputStream sink = new DataOutputStream(octets);
      ((com.rabbitmq.client.impl.Method) method).toFrame(channel).writeTo(sink);
      sink.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return octets.toByteArray();
  }

  static byte[] frame(int type, int channel, byte[] payload) {
    return ByteBuffer.allocate(payload.length + 8)
        .put((byte) type)
        .putShort((short) channel)
        .putInt(payload.length)
        .put(payload)
        .put((byte) FRAME_END)
        .array();
  }

  /** The next frame that is no heartbeat. */
  RawFrame read() throws IOException {
    RawFrame frame;
    do {
      frame = readAny();
    } while (frame.type() == HEARTBEAT);
    return frame;
  }

  /** The next frame. */
  RawFrame readAny() throws IOException {
    int type = in.readUnsignedByte();
    int channel = in.readUnsignedShort();
    byte[] payload = new byte[in.readInt()];
    in.readFully(payload);
    assertThat(in.readUnsignedByte()).as("frame end").isEqualTo(FRAME_END);
    return new RawFrame(type, channel, payload);
  }

  /** The next frame must be this method on this channel. */
  <M extends Method> M expect(int channel, Class<M> type) throws IOException {
    RawFrame frame = read();
    assertThat(frame.channel()).as("channel of %s", frame).isEqualTo(channel);
    assertThat(frame.method()).isInstanceOf(type);
    return type.cast(frame.method());
  }

  /** The body of the content that comes next on this channel. */
  byte[] content(int channel) throws IOException {
    return content(channel, _ -> {});
  }

  /**
   * The body of the content that comes next on this channel.
   *
   * @param afterFrame told after each frame how many octets of the body are there
   */
  byte[] content(int channel, IntConsumer afterFrame) throws IOException {
    RawFrame header = read();
    assertThat(header.channel()).as("channel of %s", header).isEqualTo(channel);
    ByteBuffer body = ByteBuffer.allocate(Math.toIntExact(header.bodySize()));
    while (body.hasRemaining()) {
      RawFrame frame = read();
      assertThat(frame.type()).as("type of %s", frame).isEqualTo(BODY);
      assertThat(frame.channel()).as("channel of %s", frame).isEqualTo(channel);
      body.put(frame.payload());
      afterFrame.accept(body.position());
    }
    return body.array();
  }

  /** Whether the broker ends the connection now; a reset is an end as well. */
  boolean reachesEnd() throws IOException {
    try {
      return in.read() < 0;
    } catch (SocketException e) {
      return true;
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
