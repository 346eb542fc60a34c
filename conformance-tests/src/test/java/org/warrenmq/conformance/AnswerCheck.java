package org.warrenmq.conformance;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Method;
import com.rabbitmq.client.impl.AMQImpl;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;

/**
 * Reads all that a broker says on one socket and checks that it is AMQP from a server's mouth,
 * whatever the client said. Its own thread reads; the sender looks at what it noticed.
 */
final class AnswerCheck implements Runnable {
  /** Everything a server may say, by class. */
  private static final Map<Integer, Set<Integer>> OF_SERVERS =
      Map.of(
          10, Set.of(10, 20, 30, 41, 50, 51, 60, 61, 71),
          20, Set.of(11, 20, 21, 40, 41),
          30, Set.of(11),
          40, Set.of(11, 21, 31, 51),
          50, Set.of(11, 21, 31, 41, 51),
          60, Set.of(11, 21, 30, 31, 50, 60, 71, 72, 80, 111, 120),
          85, Set.of(11),
          90, Set.of(11, 21, 31));

  private static final Set<Integer> CHANNEL_CODES = Set.of(311, 313, 403, 404, 405, 406);
  private static final Set<Integer> CONNECTION_CODES =
      Set.of(320, 402, 403, 501, 502, 503, 504, 505, 530, 540);

  /**
   * Our broker is held to more than RabbitMQ keeps: silence after channel.close and after
   * connection.close (RabbitMQ's channels write for themselves, and one may come too late), and no
   * internal errors (RabbitMQ has one for an unknown queue type).
   */
  private static final boolean STRICT = System.getProperty("broker.uri", "").isEmpty();

  private final DataInputStream in;
  private final int frameMax;

  /** Channels that the broker closed; the sender takes them out and answers. */
  final Queue<Integer> closedChannels = new ConcurrentLinkedQueue<>();

  /** A permit for each channel.open-ok. */
  final Semaphore opened = new Semaphore(0);

  /** A permit for each channel.close-ok. */
  final Semaphore closed = new Semaphore(0);

  private final Heard heard;
  private final Map<Integer, Content> contents = new HashMap<>();
  private final Set<Integer> silent = new HashSet<>();

  /** The broker said connection.close or close-ok. */
  volatile boolean connectionClosed;

  /** The sender has ended the conversation: the broker need not finish its sentence. */
  volatile boolean senderEnded;

  /**
   * What brokers said to all the sessions of a run; filled by their threads.
   *
   * @param queues names in all declare-ok
   * @param methods how often each method came
   */
  record Heard(Set<String> queues, ConcurrentHashMap<String, LongAdder> methods) {
    Heard() {
      this(ConcurrentHashMap.newKeySet(), new ConcurrentHashMap<>());
    }

    long count(String method) {
      LongAdder count = methods.get(method);
      return count == null ? 0 : count.sum();
    }
  }

  /** What remains of a message on a channel: its header, then so many octets. */
  private record Content(boolean header, long octets) {}

  AnswerCheck(InputStream in, int frameMax, Heard heard) {
    this.in = new DataInputStream(new BufferedInputStream(in));
    this.frameMax = frameMax;
    this.heard = heard;
  }

  /** Reads until the broker ends the socket; throws when it says what it must not. */
  @Override
  public void run() {
    try {
      while (frame()) {
        // Everything is in the condition.
      }
    } catch (SocketException e) {
      // A reset is an end.
    } catch (EOFException e) {
      require(senderEnded || connectionClosed, "the socket ended inside a frame");
    } catch (IOException e) {
      throw new AssertionError("the broker's octets cannot be read", e);
    }
  }

  private boolean frame() throws IOException {
    int type = in.read();
    if (type < 0) {
      return false;
    }
    if (type == 'A') {
      byte[] rest = in.readNBytes(7);
      require(
          Arrays.equals(rest, new byte[] {'M', 'Q', 'P', 0, 0, 9, 1})
              || Arrays.equals(rest, new byte[] {'M', 'Q', 'P', 3, 1, 0, 0}),
          "no protocol header: " + Arrays.toString(rest));
      require(in.read() < 0, "something after a protocol header");
      return false;
    }
    int channel = in.readUnsignedShort();
    int length = in.readInt();
    require(length >= 0 && length <= frameMax - 8, "a frame of " + length + " octets");
    byte[] payload = in.readNBytes(length);
    int end = in.readUnsignedByte();
    require(end == RawConnection.FRAME_END, "a frame that ends with " + end);
    switch (type) {
      case RawFrame.METHOD -> method(channel, payload);
      case RawFrame.HEADER -> header(channel, payload);
      case RawFrame.BODY -> body(channel, length);
      case RawFrame.HEARTBEAT -> require(channel == 0 && length == 0, "an odd heartbeat");
      default -> throw new AssertionError("a frame of type " + type);
    }
    return true;
  }

  private void method(int channel, byte[] payload) throws IOException {
    var octets = new ByteArrayInputStream(payload);
    Method method = AMQImpl.readMethodFrom(new DataInputStream(octets));
    String what = method.protocolMethodName() + " on channel " + channel;
    require(octets.available() == 0, what + " has further octets");
    require(
        OF_SERVERS
            .getOrDefault(method.protocolClassId(), Set.of())
            .contains(method.protocolMethodId()),
        what + " is not for servers");
    require(method.protocolClassId() == 10 == (channel == 0), what);
    require(!contents.containsKey(channel), what + " inside a message");
    require(
        !connectionClosed || !STRICT || method instanceof AMQP.Connection.CloseOk,
        what + " after connection.close");
    boolean reopened =
        method instanceof AMQP.Channel.OpenOk || method instanceof AMQP.Channel.CloseOk;
    require(reopened || !STRICT || !silent.contains(channel), what + " after channel.close");
    if (reopened) {
      silent.remove(channel);
    }
    note(channel, method);
  }

  private void note(int channel, Method method) {
    heard.methods.computeIfAbsent(method.protocolMethodName(), _ -> new LongAdder()).increment();
    switch (method) {
      case AMQP.Connection.Close close -> {
        require(
            (CONNECTION_CODES.contains(close.getReplyCode()) || !STRICT)
                && !close.getReplyText().isEmpty(),
            "connection.close with " + close.getReplyCode() + " " + close.getReplyText());
        connectionClosed = true;
      }
      case AMQP.Connection.CloseOk _ -> connectionClosed = true;
      case AMQP.Channel.Close close -> {
        require(
            CHANNEL_CODES.contains(close.getReplyCode()) && !close.getReplyText().isEmpty(),
            "channel.close with " + close.getReplyCode() + " " + close.getReplyText());
        silent.add(channel);
        closedChannels.add(channel);
      }
      case AMQP.Channel.OpenOk _ -> opened.release();
      case AMQP.Channel.CloseOk _ -> closed.release();
      case AMQP.Queue.DeclareOk ok -> heard.queues.add(ok.getQueue());
      case AMQP.Basic.Deliver _, AMQP.Basic.GetOk _, AMQP.Basic.Return _ ->
          contents.put(channel, new Content(true, 0));
      default -> {
        // Nothing follows from it.
      }
    }
  }

  private void header(int channel, byte[] payload) {
    Content due = contents.remove(channel);
    require(due != null && due.header, "a stray content header on channel " + channel);
    require(ByteBuffer.wrap(payload).getShort() == 60, "a content header of another class");
    long size = ByteBuffer.wrap(payload).getLong(4);
    if (size > 0) {
      contents.put(channel, new Content(false, size));
    }
  }

  private void body(int channel, int length) {
    Content due = contents.remove(channel);
    require(due != null && !due.header && due.octets >= length && length > 0, "a stray body");
    if (due.octets > length) {
      contents.put(channel, new Content(false, due.octets - length));
    }
  }

  private static void require(boolean fine, String otherwise) {
    if (!fine) {
      throw new AssertionError("the broker sent " + otherwise);
    }
  }
}
