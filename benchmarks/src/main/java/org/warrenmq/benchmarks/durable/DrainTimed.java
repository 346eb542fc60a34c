package org.warrenmq.benchmarks.durable;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.DefaultConsumer;
import com.rabbitmq.client.Envelope;
import java.io.IOException;
import java.util.BitSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Consumes what {@link FillTimed} published: each message has to come, unchanged and not before its
 * time; the main thread waits, the client's consumer thread checks.
 */
@Command(name = "drain-timed", description = "Consumes and checks what fill-timed published.")
final class DrainTimed implements Callable<Integer> {
  private static final int PREFETCH = 2_000;
  private static final int ACKED_TOGETHER = 200;
  private static final int LATEST_MILLIS = 600_000;

  @Mixin private final Target target = new Target();
  @Mixin private final TimedMessages timed = new TimedMessages();

  @Option(names = "--twice", description = "messages may come twice: the broker was killed")
  private boolean twice;

  @Override
  public Integer call() throws Exception {
    Timing.Schedule schedule = timed.schedule();
    try (Connection connection = target.factory().newConnection("drain-timed")) {
      Channel channel = connection.createChannel();
      channel.basicQos(PREFETCH);
      Progress received = new Progress("messages", target.patience);
      channel.addShutdownListener(received::fail);
      Checking checking = new Checking(channel, received);
      channel.basicConsume(Timing.TARGET, false, checking);
      long left = schedule.first() - System.currentTimeMillis();
      if (left > 0) {
        received.pause(left * 1_000_000);
      }
      awaitAll(schedule, received);
      // What the last acks did not reach comes back with its channel.
      channel.basicAck(0, true);
      channel.close();
      timed.timing().expectNothingLeft(connection.createChannel());
      checking.report();
    }
    return 0;
  }

  private static void awaitAll(Timing.Schedule schedule, Progress received)
      throws BrokenPromise, InterruptedException {
    try {
      received.awaitAtLeast(schedule.messages());
    } catch (IllegalStateException e) {
      if (e.getCause() == null) {
        // Nobody failed: they do not come.
        throw new BrokenPromise(String.valueOf(e.getMessage()));
      }
      throw e;
    }
  }

  private final class Checking extends DefaultConsumer {
    private final Bodies bodies = timed.bodies();
    private final Timing.Schedule schedule = timed.schedule();
    private final Progress received;
    private final BitSet seen = new BitSet();
    private final int[] late = new int[LATEST_MILLIS + 1];
    private long distinct;
    private long again;

    Checking(Channel channel, Progress received) {
      super(channel);
      this.received = received;
    }

    @Override
    public void handleDelivery(
        String tag, Envelope envelope, AMQP.BasicProperties properties, byte[] body)
        throws IOException {
      try {
        check(properties, body);
      } catch (BrokenPromise broken) {
        received.fail(broken);
        return;
      }
      if ((distinct + again) % ACKED_TOGETHER == 0) {
        getChannel().basicAck(envelope.getDeliveryTag(), true);
      }
      received.advanceTo(distinct);
    }

    private void check(AMQP.BasicProperties properties, byte[] body) throws BrokenPromise {
      long number = bodies.number(body);
      bodies.check(Timing.TARGET, number, body);
      if (number >= schedule.messages() || seen.get((int) number) && !twice) {
        throw new BrokenPromise("message %,d came without being due".formatted(number));
      }
      long millis = timed.timing().late(schedule, number, properties);
      if (millis < 0) {
        throw new BrokenPromise("message %,d came %,d ms early".formatted(number, -millis));
      }
      if (seen.get((int) number)) {
        again++;
        return;
      }
      seen.set((int) number);
      distinct++;
      late[(int) Math.min(millis, LATEST_MILLIS)]++;
    }

    /** Nothing comes any more. */
    void report() {
      Target.report(
          "drain-timed messages=%d twice=%d p50_ms=%d p99_ms=%d worst_ms=%d",
          distinct, again, quantile(0.5), quantile(0.99), quantile(1));
    }

    private int quantile(double share) {
      long wanted = (long) Math.ceil(distinct * share);
      int millis = 0;
      for (long passed = late[0]; passed < wanted; passed += late[millis]) {
        millis++;
      }
      return millis;
    }
  }
}
