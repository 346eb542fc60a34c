package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.LongString;
import com.rabbitmq.client.Method;
import com.rabbitmq.client.impl.LongStringHelper;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/**
 * A plain socket that speaks frames, used by one test thread: it sends whatever it is told, right
 * or wrong, and reads with a deadline.
 */
public final class RawConnection implements AutoCloseable {
  private static final byte[] PROTOCOL_HEADER = {'A', 'M', 'Q', 'P', 0, 0, 9, 1};
  public static final int FRAME_END = 0xCE;

  private final BrokerUnderTest broker;
  private final Socket socket;
  private final DataInputStream in;
  private final DataOutputStream out;

  private RawConnection(BrokerUnderTest broker, Socket socket) throws IOException {
    this.broker = broker;
    this.socket = socket;
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    this.out = new DataOutputStream(socket.getOutputStream());
  }

  /** Connects; sends nothing. */
  public static RawConnection connect(BrokerUnderTest broker) throws IOException {
    Socket socket = new Socket();
    try {
      socket.connect(new InetSocketAddress(broker.host(), broker.amqpPort()), limitMillis());
      socket.setSoTimeout(limitMillis());
      socket.setTcpNoDelay(true);
      return new RawConnection(broker, socket);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private static int limitMillis() {
    return Math.toIntExact(ConformanceTest.LIMIT.toMillis());
  }

  // ---------------------------------------------------------------- handshake

  /** What a client says in the handshake. */
  public record Hello(
      Map<String, Object> clientProperties, String mechanism, byte[] response, String locale) {

    public static Hello plain(String user, String password) {
      byte[] response = ("\0" + user + "\0" + password).getBytes(StandardCharsets.UTF_8);
      return new Hello(Map.of(), "PLAIN", response, "en_US");
    }

    public Hello withClientProperties(Map<String, Object> properties) {
      return new Hello(properties, mechanism, response, locale);
    }

    public Hello with(String otherMechanism, byte[] otherResponse) {
      return new Hello(clientProperties, otherMechanism, otherResponse, locale);
    }
  }

  /** The default user's PLAIN login. */
  public Hello hello() {
    return Hello.plain(broker.user(), broker.password());
  }

  /** Sends the protocol header and reads connection.start. */
  public AMQP.Connection.Start start() throws IOException {
    send(PROTOCOL_HEADER);
    return expect(0, AMQP.Connection.Start.class);
  }

  /** Sends start-ok. */
  public void startOk(Hello hello) throws IOException {
    send(
        0,
        new AMQP.Connection.StartOk.Builder()
            .clientProperties(hello.clientProperties())
            .mechanism(hello.mechanism())
            .response(longString(hello.response()))
            .locale(hello.locale())
            .build());
  }

  /** Header, start, start-ok, tune. */
  public AMQP.Connection.Tune login(Hello hello) throws IOException {
    start();
    startOk(hello);
    return expect(0, AMQP.Connection.Tune.class);
  }

  public void tuneOk(int channelMax, int frameMax, int heartbeat) throws IOException {
    send(
        0,
        new AMQP.Connection.TuneOk.Builder()
            .channelMax(channelMax)
            .frameMax(frameMax)
            .heartbeat(heartbeat)
            .build());
  }

  public void openVhost(String vhost) throws IOException {
    send(0, new AMQP.Connection.Open.Builder().virtualHost(vhost).build());
  }

  /** The whole handshake with these tune values; no heartbeats unless asked for. */
  public void open(Hello hello, int channelMax, int frameMax, int heartbeat) throws IOException {
    login(hello);
    tuneOk(channelMax, frameMax, heartbeat);
    openVhost(broker.vhost());
    expect(0, AMQP.Connection.OpenOk.class);
  }

  /** The whole handshake with these tune values as the default user. */
  public void open(int channelMax, int frameMax, int heartbeat) throws IOException {
    open(hello(), channelMax, frameMax, heartbeat);
  }

  /** The whole handshake with 2047 channels, frames of 131072 octets and no heartbeats. */
  public void open() throws IOException {
    open(2047, 131072, 0);
  }

  /** Opens a channel. */
  public void openChannel(int channel) throws IOException {
    send(channel, new AMQP.Channel.Open.Builder().build());
    expect(channel, AMQP.Channel.OpenOk.class);
  }

  // ---------------------------------------------------------------- sending

  /** Sends octets as they are. */
  public void send(byte[] octets) throws IOException {
    out.write(octets);
    out.flush();
  }

  /** Sends a well-formed frame. */
  public void send(int type, int channel, byte[] payload) throws IOException {
    send(frame(type, channel, payload, FRAME_END));
  }

  /** Sends a method frame. */
  public void send(int channel, Method method) throws IOException {
    ByteArrayOutputStream octets = new ByteArrayOutputStream();
    DataOutputStream sink = new DataOutputStream(octets);
    ((com.rabbitmq.client.impl.Method) method).toFrame(channel).writeTo(sink);
    sink.flush();
    send(octets.toByteArray());
  }

  /** Sends a content header frame of class 60 (basic). */
  public void sendHeader(int channel, long bodySize, AMQP.BasicProperties properties)
      throws IOException {
    send(RawFrame.HEADER, channel, Octets.header(bodySize, properties));
  }

  /** Sends basic.publish, header and the body in one frame (none when empty). */
  public void publish(int channel, String exchange, String routingKey, byte[] body)
      throws IOException {
    send(channel, publishMethod(exchange, routingKey));
    sendHeader(channel, body.length, new AMQP.BasicProperties());
    if (body.length > 0) {
      send(RawFrame.BODY, channel, body);
    }
  }

  public static Method publishMethod(String exchange, String routingKey) {
    return new AMQP.Basic.Publish.Builder().exchange(exchange).routingKey(routingKey).build();
  }

  /** The octets of a frame with any end octet. */
  public static byte[] frame(int type, int channel, byte[] payload, int end) {
    ByteArrayOutputStream octets = new ByteArrayOutputStream();
    DataOutputStream sink = new DataOutputStream(octets);
    try {
      sink.writeByte(type);
      sink.writeShort(channel);
      sink.writeInt(payload.length);
      sink.write(payload);
      sink.writeByte(end);
    } catch (IOException e) {
      throw new AssertionError("memory cannot fail", e);
    }
    return octets.toByteArray();
  }

  private static LongString longString(byte[] octets) {
    return LongStringHelper.asLongString(octets);
  }

  // ---------------------------------------------------------------- reading

  /** Reads the next frame; heartbeats are skipped. */
  public RawFrame read() throws IOException {
    RawFrame frame = readAny();
    while (frame.type() == RawFrame.HEARTBEAT) {
      frame = readAny();
    }
    return frame;
  }

  /** Reads the next frame, a heartbeat too. */
  public RawFrame readAny() throws IOException {
    int type = in.readUnsignedByte();
    int channel = in.readUnsignedShort();
    byte[] payload = new byte[in.readInt()];
    in.readFully(payload);
    assertThat(in.readUnsignedByte()).as("frame end").isEqualTo(FRAME_END);
    return new RawFrame(type, channel, payload);
  }

  /** Reads octets as they are. */
  public byte[] readOctets(int count) throws IOException {
    return in.readNBytes(count);
  }

  /** The next frame must be this method on this channel. */
  public <M extends Method> M expect(int channel, Class<M> type) throws IOException {
    RawFrame frame = read();
    assertThat(frame.channel()).as("channel of %s", frame).isEqualTo(channel);
    assertThat(frame.method()).isInstanceOf(type);
    return type.cast(frame.method());
  }

  /** The next frame must be a connection.close with this code and text; answers it. */
  public AMQP.Connection.Close expectConnectionClose(int code, String text) throws IOException {
    AMQP.Connection.Close close = expectConnectionClose();
    assertThat(close.getReplyText()).isEqualTo(text);
    assertThat(close.getReplyCode()).isEqualTo(code);
    return close;
  }

  /** The next frame must be a connection.close; answers it and gives it for closer looks. */
  public AMQP.Connection.Close expectConnectionClose() throws IOException {
    AMQP.Connection.Close close = expect(0, AMQP.Connection.Close.class);
    send(0, new AMQP.Connection.CloseOk.Builder().build());
    return close;
  }

  /** The next frame must be a channel.close with this code and text; does not answer it. */
  public AMQP.Channel.Close expectChannelClose(int channel, int code, String text)
      throws IOException {
    AMQP.Channel.Close close = expect(channel, AMQP.Channel.Close.class);
    assertThat(close.getReplyText()).isEqualTo(text);
    assertThat(close.getReplyCode()).isEqualTo(code);
    return close;
  }

  /** The broker must close the socket within the bound, with nothing more to read before it. */
  public void expectEof() throws IOException {
    expectEof(ConformanceTest.LIMIT);
  }

  /** The broker must close the socket within this time, with nothing more to read before it. */
  public void expectEof(Duration within) throws IOException {
    socket.setSoTimeout(Math.toIntExact(within.toMillis()));
    try {
      int octet = in.read();
      assertThat(octet).as("end of stream").isEqualTo(-1);
    } catch (SocketTimeoutException e) {
      fail("socket still open after " + within);
    } catch (SocketException e) {
      // A reset is an end as well: octets of ours were still unread on the other side.
    } finally {
      socket.setSoTimeout(limitMillis());
    }
  }

  /**
   * The broker must end the connection: at once without a word, or with a connection.close of one
   * of these codes, which is answered.
   */
  public void expectEndOrConnectionClose(Integer... codes) throws IOException {
    RawFrame answer;
    try {
      answer = read();
    } catch (EOFException | SocketException e) {
      return;
    }
    if (!(answer.method() instanceof AMQP.Connection.Close close)) {
      fail("connection.close or the end expected, but was " + answer);
      return;
    }
    assertThat(close.getReplyCode()).isIn((Object[]) codes);
    send(0, new AMQP.Connection.CloseOk.Builder().build());
    expectEof();
  }

  /** Nothing may arrive in this time; a synchronous operation is the better proof if possible. */
  public void expectSilence(Duration during) throws IOException {
    socket.setSoTimeout(Math.toIntExact(during.toMillis()));
    try {
      int octet = in.read();
      fail("silence expected, but got " + octet);
    } catch (SocketTimeoutException e) {
      // As it should be.
    } finally {
      socket.setSoTimeout(limitMillis());
    }
  }

  /** Says that nothing more comes, and goes on reading. */
  public void shutdownOutput() throws IOException {
    socket.shutdownOutput();
  }

  /** Ends with a reset: what the broker has not sent yet, or not read, is lost. */
  public void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // The other side may be gone already; there is nothing left to release.
    }
  }
}
