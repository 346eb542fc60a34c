package org.warrenmq.conformance.chaos;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import org.warrenmq.conformance.Octets;
import org.warrenmq.conformance.RawConnection;
import org.warrenmq.conformance.RawFrame;

/**
 * A hostile client's socket. One thread writes, it or another reads, and whoever ends the session
 * closes it under their hands.
 */
final class Intruder {
  private static final int NARROW = 4096;
  private static final int LIMIT_MILLIS = 10_000;
  private static final int MOMENT_MILLIS = 50;

  private final Session session;
  private final Socket socket;
  private final DataInputStream in;
  private final OutputStream out;

  private Intruder(Session session, Socket socket) throws IOException {
    this.session = session;
    this.socket = socket;
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), NARROW));
    this.out = socket.getOutputStream();
  }

  /**
   * Connects and says nothing.
   *
   * @param isNarrow with buffers of 4 KiB, so that what it does not read piles up at the broker
   */
  static Intruder connect(Session session, URI broker, boolean isNarrow) throws IOException {
    var socket = new Socket();
    try {
      if (isNarrow) {
        // Before the connect, or the window is larger for good.
        socket.setReceiveBufferSize(NARROW);
      }
      socket.setTcpNoDelay(true);
      socket.connect(new InetSocketAddress(broker.getHost(), broker.getPort()), LIMIT_MILLIS);
      return new Intruder(session, socket);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** The whole handshake. */
  void login() throws IOException {
    send(Wire.PROTOCOL_HEADER);
    await(10, 10);
    send(Wire.startOk(new Octets(), "PLAIN", "\0guest\0guest"));
    await(10, 30);
    send(Wire.tuneOkAndOpen());
    await(10, 41);
  }

  void send(byte[] octets) throws IOException {
    session.charge(octets.length);
    out.write(octets);
  }

  /** Sends a request and reads up to its answer. */
  RawFrame ask(byte[] request, int classId, int methodId) throws IOException {
    send(request);
    return await(classId, methodId);
  }

  /** Reads up to a method; what comes before it is of no interest. */
  RawFrame await(int classId, int methodId) throws IOException {
    while (true) {
      RawFrame frame = read();
      if (isMethod(frame, classId, methodId)) {
        return frame;
      }
      if (isMethod(frame, 10, 50)) {
        throw new EOFException("closed by the broker");
      }
    }
  }

  static boolean isMethod(RawFrame frame, int classId, int methodId) {
    byte[] payload = frame.payload();
    return frame.type() == RawFrame.METHOD
        && (payload[0] << 8 | payload[1]) == classId
        && (payload[2] << 8 | payload[3]) == methodId;
  }

  RawFrame read() throws IOException {
    int type = in.readUnsignedByte();
    int channel = in.readUnsignedShort();
    byte[] payload = in.readNBytes(in.readInt());
    if (in.readUnsignedByte() != RawConnection.FRAME_END) {
      throw new EOFException("a frame without its end");
    }
    return new RawFrame(type, channel, payload);
  }

  /** Reads so many octets, whatever they say. */
  void swallow(int octets) throws IOException {
    in.skipNBytes(octets);
  }

  /** Reads whatever comes, until the end. */
  void swallowAll() throws IOException {
    in.transferTo(OutputStream.nullOutputStream());
  }

  /** The same, but until nothing has come for a moment, which fails. */
  void swallowBriefly() throws IOException {
    socket.setSoTimeout(MOMENT_MILLIS);
    swallowAll();
  }

  /** Says that it closes, without waiting for an answer. */
  void sayGoodbye() throws IOException {
    // Whoever writes just now may be stuck in it: then this is left out.
    socket.shutdownInput();
    out.write(Wire.closeConnection());
  }

  void close() throws IOException {
    socket.close();
  }

  /** Ends with a reset: what the broker has not sent yet, or not read, is lost. */
  void reset() throws IOException {
    socket.setSoLinger(true, 0);
    socket.close();
  }
}
