package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import io.netty.util.ResourceLeakDetector;
import io.netty.util.internal.PlatformDependent;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/**
 * What a connection costs the broker, heap and direct memory. Broker and clients share this
 * process, so the clients are plain socket channels, of some hundred octets each.
 */
class ConnectionMemoryTest {
  private static final int COUNT = 2000;
  private static final long HALF_OPEN_LIMIT = 20_000;
  private static final long OPEN_LIMIT = 40_000;
  private static final int CHANNELS = 2000;
  private static final long CHANNEL_LIMIT = 480;

  /** The last frame of a step: its class and method id in one number. */
  private static final int START = 10 << 16 | 10;

  private static final int TUNE = 10 << 16 | 30;

  private static final int CHANNEL_OPEN_OK = 20 << 16 | 11;

  private static TestBroker broker;
  private static ResourceLeakDetector.Level leakDetection;

  private final ByteBuffer in = ByteBuffer.allocate(64 * 1024);

  @BeforeAll
  static void start() throws Exception {
    // Leak detection keeps records of each buffer, which would be measured, too.
    leakDetection = ResourceLeakDetector.getLevel();
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    broker =
        TestBroker.start(limits -> TestBroker.withHandshakeTimeout(limits, Duration.ofMinutes(5)));
  }

  @AfterAll
  static void stop() throws Exception {
    broker.close();
    ResourceLeakDetector.setLevel(leakDetection);
  }

  @Test
  @DisplayName("2000 connections that stop after the protocol header")
  void halfOpen() throws Exception {
    Cost cost = measure(RawClient.PROTOCOL_HEADER, START);
    assertThat(cost.heap()).as("heap of %s", cost).isLessThanOrEqualTo(HALF_OPEN_LIMIT);
    assertThat(cost.direct()).as("direct of %s", cost).isLessThanOrEqualTo(HALF_OPEN_LIMIT);
  }

  @Test
  @DisplayName("2000 open connections with a channel each, idle")
  void open() throws Exception {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(RawClient.PROTOCOL_HEADER);
    Map<String, Object> capabilities = Map.of("connection.blocked", true, "basic.nack", true);
    Map<String, Object> properties =
        Map.of("product", "a client", "version", "1.0.0", "capabilities", capabilities);
    all.writeBytes(RawClient.frame(0, RawClient.startOk(properties)));
    all.writeBytes(RawClient.frame(0, RawClient.tuneOk()));
    all.writeBytes(RawClient.frame(0, RawClient.openVhost()));
    all.writeBytes(RawClient.frame(1, new AMQP.Channel.Open.Builder().build()));
    Cost cost = measure(all.toByteArray(), CHANNEL_OPEN_OK);
    assertThat(cost.heap() + cost.direct()).as("%s", cost).isLessThanOrEqualTo(OPEN_LIMIT);
  }

  @Test
  @DisplayName("2000 connections that have sent a table of a thousand entries, and nothing more")
  void crowdedTables() throws Exception {
    Map<String, Object> properties = new HashMap<>();
    for (int i = 0; i < 780; i++) {
      properties.put(Integer.toString(i, Character.MAX_RADIX), null);
    }
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(RawClient.PROTOCOL_HEADER);
    all.writeBytes(RawClient.frame(0, RawClient.startOk(properties)));
    Cost cost = measure(all.toByteArray(), TUNE);
    assertThat(cost.heap()).as("heap of %s", cost).isLessThanOrEqualTo(HALF_OPEN_LIMIT);
  }

  @Test
  @DisplayName("20,000 idle channels of ten connections")
  void idleChannels() throws Exception {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(RawClient.PROTOCOL_HEADER);
    all.writeBytes(RawClient.frame(0, RawClient.startOk(Map.of())));
    all.writeBytes(RawClient.frame(0, RawClient.tuneOk()));
    all.writeBytes(RawClient.frame(0, RawClient.openVhost()));
    for (int channel = CHANNELS; channel > 0; channel--) {
      // Those who look for channel 1 have seen the others.
      all.writeBytes(RawClient.frame(channel, new AMQP.Channel.Open.Builder().build()));
    }
    List<SocketChannel> clients = new ArrayList<>();
    try {
      connect(clients, 1, all.toByteArray(), CHANNEL_OPEN_OK);
      long before = heap();
      connect(clients, 10, all.toByteArray(), CHANNEL_OPEN_OK);
      long each = (heap() - before) / (10 * CHANNELS);
      assertThat(each).as("octets of heap for each").isLessThanOrEqualTo(CHANNEL_LIMIT);
    } finally {
      for (SocketChannel client : clients) {
        client.close();
      }
    }
  }

  /**
   * What one connection costs.
   *
   * @param heap octets on the heap, the client's side included
   * @param direct octets outside
   */
  private record Cost(long heap, long direct) {}

  private Cost measure(byte[] says, int answer) throws Exception {
    List<SocketChannel> clients = new ArrayList<>(COUNT);
    try {
      // The first ones pay for classes, caches and pools that all share.
      connect(clients, COUNT / 4, says, answer);
      long heap = heap();
      long direct = PlatformDependent.usedDirectMemory();
      connect(clients, COUNT, says, answer);
      return new Cost(
          (heap() - heap) / COUNT, (PlatformDependent.usedDirectMemory() - direct) / COUNT);
    } finally {
      for (SocketChannel client : clients) {
        client.close();
      }
    }
  }

  private void connect(List<SocketChannel> clients, int count, byte[] says, int answer)
      throws IOException {
    InetSocketAddress address = new InetSocketAddress("127.0.0.1", broker.port());
    for (int i = 0; i < count; i++) {
      SocketChannel client = SocketChannel.open(address);
      clients.add(client);
      client.write(ByteBuffer.wrap(says));
      readUpTo(client, answer);
    }
  }

  /** Reads method frames up to this one. */
  private void readUpTo(SocketChannel client, int answer) throws IOException {
    in.clear();
    int frame = 0;
    while (true) {
      if (client.read(in) < 0) {
        throw new EOFException("the broker closed the connection");
      }
      while (in.position() >= frame + 7 && in.position() >= frame + 8 + in.getInt(frame + 3)) {
        if (in.getInt(frame + 7) == answer && in.getShort(frame + 1) <= 1) {
          return;
        }
        frame += 8 + in.getInt(frame + 3);
      }
    }
  }

  private static long heap() {
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 4; i++) {
      System.gc();
      least = Math.min(least, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
    return least;
  }
}
