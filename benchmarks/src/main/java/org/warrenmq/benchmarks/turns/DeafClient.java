package org.warrenmq.benchmarks.turns;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.impl.LongStringHelper;
import com.rabbitmq.client.impl.Method;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Map;

/**
 * A client that opens a channel and from then on reads nothing of what the broker sends, which the
 * client library cannot; for one thread, and another that closes it.
 */
final class DeafClient implements AutoCloseable {
  private static final int CHANNEL = 1;

  /** So that what it does not read stays with the broker. */
  private static final int RECEIVE_BUFFER = 16 << 10;

  private static final byte[] GREETING = {'A', 'M', 'Q', 'P', 0, 0, 9, 1};
  private static final int HEADER_SIZE = 7;

  private final Socket socket = new Socket();
  private final DataInputStream input;
  private final DataOutputStream output;

  DeafClient(ConnectionFactory factory) throws IOException {
    socket.setReceiveBufferSize(RECEIVE_BUFFER);
    socket.setTcpNoDelay(true);
    socket.connect(new InetSocketAddress(factory.getHost(), factory.getPort()));
    input = new DataInputStream(socket.getInputStream());
    output = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
    open(factory);
  }

  private void open(ConnectionFactory factory) throws IOException {
    output.write(GREETING);
    String login = "\0" + factory.getUsername() + "\0" + factory.getPassword();
    AMQP.Connection.StartOk.Builder startOk =
        new AMQP.Connection.StartOk.Builder()
            .clientProperties(Map.of())
            .mechanism("PLAIN")
            .response(LongStringHelper.asLongString(login))
            .locale("en_US");
    await(10, 10);
    say(0, startOk.build());
    await(10, 30);
    say(0, new AMQP.Connection.TuneOk.Builder().channelMax(CHANNEL).frameMax(1 << 17).build());
    say(0, new AMQP.Connection.Open.Builder().virtualHost(factory.getVirtualHost()).build());
    await(10, 41);
    say(CHANNEL, new AMQP.Channel.Open.Builder().build());
    await(20, 11);
  }

  private void say(int channel, com.rabbitmq.client.Method method) throws IOException {
    output.write(frame(channel, method));
  }

  private void await(int classId, int methodId) throws IOException {
    output.flush();
    byte[] payload;
    do {
      ByteBuffer header = ByteBuffer.wrap(input.readNBytes(HEADER_SIZE));
      payload = input.readNBytes(header.getInt(3));
      input.readByte();
    } while (ByteBuffer.wrap(payload).getShort() != classId
        || ByteBuffer.wrap(payload).getShort(2) != methodId);
  }

  private static byte[] frame(int channel, com.rabbitmq.client.Method method) throws IOException {
    var bytes = new ByteArrayOutputStream();
    ((Method) method).toFrame(channel).writeTo(new DataOutputStream(bytes));
    return bytes.toByteArray();
  }

  /** The octets of so many gets of a channel that did none before, each message given back. */
  static byte[] getsAndNacks(String queue, int count) throws IOException {
    byte[] get = frame(CHANNEL, new AMQP.Basic.Get.Builder().queue(queue).build());
    var chain = new ByteArrayOutputStream();
    for (int tag = 1; tag <= count; tag++) {
      chain.write(get);
      chain.write(
          frame(CHANNEL, new AMQP.Basic.Nack.Builder().deliveryTag(tag).requeue(true).build()));
    }
    return chain.toByteArray();
  }

  /** Sends all of it, or what the broker takes until somebody closes the client. */
  void send(byte[] octets) {
    try {
      output.write(octets);
      output.flush();
    } catch (IOException e) {
      // Closed while it waited for the broker to read on: it always ends so.
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
