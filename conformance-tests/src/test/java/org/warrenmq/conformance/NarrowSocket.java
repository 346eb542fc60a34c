package org.warrenmq.conformance;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;

/**
 * A raw client with buffers of 4 KiB that reads only when told to: what it leaves unread soon piles
 * up at the broker. One thread may write while another reads.
 */
final class NarrowSocket implements AutoCloseable {
  static final int BUFFER = 4096;
  private static final int WIDE = 1 << 20;

  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;

  private NarrowSocket(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), BUFFER));
    this.out = socket.getOutputStream();
  }

  /** Connects, logs in and opens channels 1 to so many; each answer has to come in time. */
  static NarrowSocket open(BrokerUnderTest broker, int channels) throws IOException {
    var socket = new Socket();
    try {
      // Before the connect, or the window is larger for good.
      socket.setReceiveBufferSize(BUFFER);
      socket.setSendBufferSize(BUFFER);
      socket.setTcpNoDelay(true);
      int limit = (int) ConformanceTest.LIMIT.toMillis();
      socket.connect(new InetSocketAddress(broker.host(), broker.amqpPort()), limit);
      socket.setSoTimeout(limit);
      var client = new NarrowSocket(socket);
      client.handshake(broker, channels);
      return client;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private void handshake(BrokerUnderTest broker, int channels) throws IOException {
    out.write(new byte[] {'A', 'M', 'Q', 'P', 0, 0, 9, 1});
    readPast(10, 10);
    String login = "\0" + broker.user() + "\0" + broker.password();
    send(
        0,
        Octets.method(10, 11)
            .table(new Octets())
            .shortString("PLAIN")
            .longString(login)
            .shortString("en_US"));
    readPast(10, 30);
    send(0, Octets.method(10, 31).u16(2047).u32(131_072).u16(0));
    send(0, Octets.method(10, 40).shortString(broker.vhost()).shortString("").u8(0));
    readPast(10, 41);
    for (int channel = 1; channel <= channels; channel++) {
      send(channel, Octets.method(20, 10).shortString(""));
      readPast(20, 11);
    }
  }

  /**
   * Lets more in at a time from now on, to catch up. Through a window of 4 KiB, less than a segment
   * of the loopback, the kernel may send only what its timer for closed windows lets pass: 16 kB a
   * second were seen, and RabbitMQ gives such a peer up after half a minute.
   */
  void widen() throws IOException {
    socket.setReceiveBufferSize(WIDE);
  }

  void send(int channel, Octets method) throws IOException {
    send(frame(RawFrame.METHOD, channel, method.toBytes()));
  }

  void send(byte[] octets) throws IOException {
    out.write(octets);
  }

  static byte[] frame(int type, int channel, byte[] payload) {
    return RawConnection.frame(type, channel, payload, RawConnection.FRAME_END);
  }

  /** The octets of a publish by the default exchange: three frames. */
  static byte[] publish(int channel, String key, boolean mandatory, byte[] body) {
    byte[] method =
        Octets.method(60, 40)
            .u16(0)
            .shortString("")
            .shortString(key)
            .u8(mandatory ? 1 : 0)
            .toBytes();
    return new Octets()
        .raw(frame(RawFrame.METHOD, channel, method))
        .raw(frame(RawFrame.HEADER, channel, Octets.header(60, body.length)))
        .raw(frame(RawFrame.BODY, channel, body))
        .toBytes();
  }

  /** Reads one frame. */
  RawFrame read() throws IOException {
    int type = in.readUnsignedByte();
    int channel = in.readUnsignedShort();
    byte[] payload = in.readNBytes(in.readInt());
    if (in.readUnsignedByte() != RawConnection.FRAME_END) {
      throw new EOFException("a frame without its end");
    }
    return new RawFrame(type, channel, payload);
  }

  /** Reads up to a method, which must be the next. */
  void readPast(int classId, int methodId) throws IOException {
    byte[] payload = read().payload();
    int[] got = {payload[0] << 8 | payload[1], payload[2] << 8 | payload[3]};
    if (got[0] != classId || got[1] != methodId) {
      throw new AssertionError(
          "%d.%d expected, but was %d.%d".formatted(classId, methodId, got[0], got[1]));
    }
  }

  /** Cuts the connection without a word: a reset. */
  void cut() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
