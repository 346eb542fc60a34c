package org.warrenmq.benchmarks.durable;

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
 * Channels over {@value #CONNECTIONS} connections that share many small jobs, each channel with one
 * under way. Used by the main thread; the channels have a virtual thread each.
 */
final class Crew implements AutoCloseable {
  private static final int CONNECTIONS = 4;

  private final List<Connection> connections = new ArrayList<>();
  private final List<Channel> channels = new ArrayList<>();

  /** What is done so many times. */
  @FunctionalInterface
  interface Job {
    void run(Channel channel, int i) throws Exception;
  }

  Crew(ConnectionFactory factory, int size) throws IOException, TimeoutException {
    for (int i = 0; i < CONNECTIONS; i++) {
      connections.add(factory.newConnection("crew " + i));
    }
    for (int i = 0; i < size; i++) {
      channels.add(connections.get(i % CONNECTIONS).createChannel());
    }
  }

  /** Runs a job for every number below the count, spread over the channels; the seconds it took. */
  double run(int count, Job job) throws Exception {
    long start = System.nanoTime();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> parts = new ArrayList<>();
      for (int i = 0; i < channels.size(); i++) {
        int first = i;
        parts.add(
            threads.submit(
                () -> {
                  for (int k = first; k < count; k += channels.size()) {
                    job.run(channels.get(first), k);
                  }
                  return null;
                }));
      }
      for (Future<?> part : parts) {
        await(part);
      }
    }
    return Target.secondsSince(start);
  }

  private static void await(Future<?> part) throws Exception {
    try {
      part.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof BrokenPromise broken) {
        throw broken;
      }
      throw new IOException("a channel of the crew failed: " + e.getCause(), e.getCause());
    }
  }

  @Override
  public void close() {
    connections.forEach(connection -> connection.abort(5_000));
  }
}
