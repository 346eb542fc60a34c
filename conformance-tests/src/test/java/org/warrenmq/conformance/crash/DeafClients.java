package org.warrenmq.conformance.crash;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import javax.net.SocketFactory;

/** Clients that consume and do not read what comes: it waits at the broker. For any thread. */
final class DeafClients implements AutoCloseable {
  private static final int CLIENTS = 400;
  private static final int LARGE = 100_000;
  private static final int BUFFER = 4096;

  private final String uri;
  private final List<Connection> connections = new CopyOnWriteArrayList<>();
  private final CountDownLatch deaf = new CountDownLatch(1);
  private final CountDownLatch over = new CountDownLatch(1);

  DeafClients(String uri) {
    this.uri = uri;
  }

  /** Connects, reads no more, and has messages sent to all, until the broker has gone. */
  void overwhelm() {
    try {
      ConnectionFactory factory = Stage.factory(uri);
      factory.setThreadFactory(Thread.ofVirtual().factory());
      factory.setSocketFactory(new DeafSockets());
      for (int i = 0; i < CLIENTS; i++) {
        consume(factory);
      }
      deaf.countDown();
      publish();
    } catch (Exception e) {
      // The end of the broker came first.
    }
  }

  private void consume(ConnectionFactory factory) throws Exception {
    Connection connection = factory.newConnection();
    connections.add(connection);
    Channel channel = connection.createChannel();
    String queue = channel.queueDeclare().getQueue();
    channel.queueBind(queue, "amq.fanout", "");
    channel.basicConsume(queue, true, new DefaultConsumer(channel));
  }

  private void publish() throws Exception {
    try (Connection connection = Stage.factory(uri).newConnection()) {
      Channel channel = connection.createChannel();
      while (channel.isOpen()) {
        channel.basicPublish("amq.fanout", "", null, new byte[LARGE]);
      }
    }
  }

  @Override
  public void close() {
    over.countDown();
    connections.forEach(connection -> connection.abort(1));
  }

  private final class DeafSockets extends SocketFactory {
    @Override
    public Socket createSocket() throws IOException {
      var socket = new DeafSocket();
      // Before the connect, or the window is larger for good.
      socket.setReceiveBufferSize(BUFFER);
      return socket;
    }

    @Override
    public Socket createSocket(String host, int port) {
      throw new UnsupportedOperationException("the client connects by itself");
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort) {
      throw new UnsupportedOperationException("the client connects by itself");
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
      throw new UnsupportedOperationException("the client connects by itself");
    }

    @Override
    public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort) {
      throw new UnsupportedOperationException("the client connects by itself");
    }
  }

  private final class DeafSocket extends Socket {
    @Override
    public InputStream getInputStream() throws IOException {
      return new FilterInputStream(super.getInputStream()) {
        @Override
        public int read(byte[] into, int from, int length) throws IOException {
          int count = super.read(into, from, length);
          if (deaf.getCount() == 0) {
            awaitEnd();
          }
          return count;
        }
      };
    }

    private void awaitEnd() throws IOException {
      try {
        over.await();
      } catch (InterruptedException e) {
        throw new IOException("interrupted", e);
      }
    }
  }
}
