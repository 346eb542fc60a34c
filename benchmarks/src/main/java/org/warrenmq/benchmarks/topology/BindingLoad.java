package org.warrenmq.benchmarks.topology;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;

/**
 * Makes many bindings quickly: 32 channels over 4 connections, each with one bind on its way, so
 * that 32 are under way at any time and every one is answered. Used by the measuring thread; the
 * channels have a virtual thread each.
 */
final class BindingLoad implements AutoCloseable {
  private static final int CONNECTIONS = 4;
  private static final int CHANNELS = 32;

  private final List<Connection> connections = new ArrayList<>();
  private final List<Channel> channels = new ArrayList<>();

  BindingLoad(ConnectionFactory factory) throws IOException, TimeoutException {
    for (int i = 0; i < CONNECTIONS; i++) {
      connections.add(factory.newConnection("bindings " + i));
    }
    for (int i = 0; i < CHANNELS; i++) {
      channels.add(connections.get(i % CONNECTIONS).createChannel());
    }
  }

  /** Binds the queues in turn with patterns of mixed shape; how many seconds that took. */
  double bind(String exchange, List<String> queues, int bindings)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> parts = new ArrayList<>();
      for (int i = 0; i < CHANNELS; i++) {
        int first = i;
        parts.add(
            threads.submit(
                () -> {
                  bindPart(channels.get(first), first, exchange, queues, bindings);
                  return null;
                }));
      }
      for (Future<?> part : parts) {
        await(part);
      }
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private static void bindPart(
      Channel channel, int first, String exchange, List<String> queues, int bindings)
      throws IOException {
    for (int i = first; i < bindings; i += CHANNELS) {
      channel.queueBind(queues.get(i % queues.size()), exchange, pattern(i));
    }
  }

  private static void await(Future<?> part) throws IOException, InterruptedException {
    try {
      part.get();
    } catch (ExecutionException e) {
      throw new IOException("a bind failed: " + e.getCause(), e.getCause());
    }
  }

  /** Three in ten end in {@code #}, four have {@code *} in the middle, three begin with it. */
  private static String pattern(int i) {
    String kind = ".k" + i / 10 % 10;
    return switch (i % 10) {
      case 0, 1, 2 -> "s" + i + ".#";
      case 3, 4, 5, 6 -> "s" + i + ".*" + kind;
      default -> "*.r" + i + kind;
    };
  }

  @Override
  public void close() {
    connections.forEach(connection -> connection.abort(5_000));
  }
}
