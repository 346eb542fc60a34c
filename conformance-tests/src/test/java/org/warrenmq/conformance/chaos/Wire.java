package org.warrenmq.conformance.chaos;

import com.rabbitmq.client.AMQP.BasicProperties;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Map;
import org.warrenmq.conformance.Octets;
import org.warrenmq.conformance.RawConnection;
import org.warrenmq.conformance.RawFrame;

/** The octets of requests as hostile clients send them, many in one piece; stateless. */
final class Wire {
  static final byte[] PROTOCOL_HEADER = {'A', 'M', 'Q', 'P', 0, 0, 9, 1};
  static final int FRAME_MAX = 131_072;
  static final int TRANSIENT = 1;
  static final int PERSISTENT = 2;

  /** What is around a payload. */
  private static final int FRAME_OVERHEAD = 8;

  /** The octets of a table of an empty name: its length, and name, tag and length around it. */
  private static final int NEST = 6;

  /** How a queue is declared. */
  enum Kind {
    EXCLUSIVE(4),
    DURABLE(2);

    private final int flags;

    Kind(int flags) {
      this.flags = flags;
    }
  }

  private Wire() {}

  static byte[] method(int channel, Octets method) {
    return frame(RawFrame.METHOD, channel, method.toBytes());
  }

  static byte[] frame(int type, int channel, byte[] payload) {
    return RawConnection.frame(type, channel, payload, RawConnection.FRAME_END);
  }

  static byte[] join(byte[]... parts) {
    var all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  static byte[] repeat(byte[] octets, int times) {
    var all = new ByteArrayOutputStream(octets.length * times);
    for (int i = 0; i < times; i++) {
      all.writeBytes(octets);
    }
    return all.toByteArray();
  }

  // ---------------------------------------------------------------- connections and channels

  static byte[] startOk(Octets clientProperties, String mechanism, String response) {
    return method(
        0,
        Octets.method(10, 11)
            .table(clientProperties)
            .shortString(mechanism)
            .longString(response)
            .shortString("en_US"));
  }

  static byte[] tuneOkAndOpen() {
    return join(
        method(0, Octets.method(10, 31).u16(2047).u32(FRAME_MAX).u16(0)),
        method(0, Octets.method(10, 40).shortString("/").shortString("").u8(0)));
  }

  static byte[] closeConnection() {
    return method(0, Octets.method(10, 50).u16(200).shortString("bye").u16(0).u16(0));
  }

  static byte[] openChannel(int channel) {
    return method(channel, Octets.method(20, 10).shortString(""));
  }

  static byte[] closeChannel(int channel) {
    return method(channel, Octets.method(20, 40).u16(200).shortString("bye").u16(0).u16(0));
  }

  // ---------------------------------------------------------------- topology

  static byte[] declare(int channel, String queue, Kind kind) {
    return declare(channel, queue, kind, new Octets());
  }

  static byte[] declare(int channel, String queue, Kind kind, Octets arguments) {
    return method(
        channel, Octets.method(50, 10).u16(0).shortString(queue).u8(kind.flags).table(arguments));
  }

  /** An exchange that goes with its last binding. */
  static byte[] exchange(int channel, String name, String type) {
    return method(
        channel,
        Octets.method(40, 10).u16(0).shortString(name).shortString(type).u8(4).table(new Octets()));
  }

  static byte[] bind(int channel, String queue, String exchange, String key) {
    return method(
        channel,
        Octets.method(50, 20)
            .u16(0)
            .shortString(queue)
            .shortString(exchange)
            .shortString(key)
            .u8(0)
            .table(new Octets()));
  }

  static byte[] unbind(int channel, String queue, String exchange, String key) {
    return method(
        channel,
        Octets.method(50, 50)
            .u16(0)
            .shortString(queue)
            .shortString(exchange)
            .shortString(key)
            .table(new Octets()));
  }

  // ---------------------------------------------------------------- messages

  static byte[] publish(int channel, String exchange, String key, int mode, byte[] body) {
    return publish(channel, exchange, key, properties(mode), body, body.length);
  }

  /**
   * A publish of which perhaps not all of the body is sent.
   *
   * @param announced octets of the whole body
   */
  static byte[] publish(
      int channel,
      String exchange,
      String key,
      BasicProperties properties,
      byte[] body,
      int announced) {
    var all = new ByteArrayOutputStream();
    all.writeBytes(publishMethod(channel, exchange, key));
    all.writeBytes(frame(RawFrame.HEADER, channel, Octets.header(announced, properties)));
    int most = FRAME_MAX - FRAME_OVERHEAD;
    for (int from = 0; from < body.length; from += most) {
      byte[] piece = Arrays.copyOfRange(body, from, Math.min(body.length, from + most));
      all.writeBytes(frame(RawFrame.BODY, channel, piece));
    }
    return all.toByteArray();
  }

  /** What comes before header and body. */
  static byte[] publishMethod(int channel, String exchange, String key) {
    return method(
        channel, Octets.method(60, 40).u16(0).shortString(exchange).shortString(key).u8(0));
  }

  static BasicProperties properties(int mode) {
    return new BasicProperties.Builder().deliveryMode(mode).build();
  }

  static BasicProperties properties(int mode, Map<String, Object> headers) {
    return new BasicProperties.Builder().deliveryMode(mode).headers(headers).build();
  }

  static byte[] qos(int channel, int count) {
    return method(channel, Octets.method(60, 10).u32(0).u16(count).u8(0));
  }

  static byte[] consume(int channel, String queue, boolean noAck) {
    return method(
        channel,
        Octets.method(60, 20)
            .u16(0)
            .shortString(queue)
            .shortString("")
            .u8(noAck ? 2 : 0)
            .table(new Octets()));
  }

  static byte[] get(int channel, String queue, boolean noAck) {
    return method(channel, Octets.method(60, 70).u16(0).shortString(queue).u8(noAck ? 1 : 0));
  }

  static byte[] ack(int channel, long tag) {
    return method(channel, Octets.method(60, 80).u64(tag).u8(0));
  }

  static byte[] requeue(int channel, long tag) {
    return method(channel, Octets.method(60, 120).u64(tag).u8(2));
  }

  static byte[] confirmSelect(int channel) {
    return method(channel, Octets.method(85, 10).u8(0));
  }

  static byte[] txSelect(int channel) {
    return method(channel, Octets.method(90, 10));
  }

  static byte[] txRollback(int channel) {
    return method(channel, Octets.method(90, 30));
  }

  // ---------------------------------------------------------------- tables

  /** The fields of a table: so many tiny ones without a value. */
  static Octets tinyFields(int count) {
    var fields = new Octets();
    for (int i = 0; i < count; i++) {
      fields.field(Integer.toString(i, Character.MAX_RADIX), 'V', new Octets());
    }
    return fields;
  }

  /** The fields of a table: one, which is a table of one, and so on, so many deep. */
  static Octets nestedFields(int depth) {
    ByteBuffer fields = ByteBuffer.allocate(depth * NEST);
    while (fields.hasRemaining()) {
      fields.put((byte) 0).put((byte) 'F').putInt(fields.remaining() - NEST + 2);
    }
    return new Octets().raw(fields.array());
  }
}
