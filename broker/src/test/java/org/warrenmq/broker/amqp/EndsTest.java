package org.warrenmq.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.DefaultEventLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Steps of ending connections on an event loop; everything but the waiting runs there. */
class EndsTest {
  private static final long LIMIT_SECONDS = 10;

  private final DefaultEventLoop eventLoop = new DefaultEventLoop();
  private final Ends ends = new Ends(eventLoop);
  private final List<Integer> done = new ArrayList<>();

  @AfterEach
  void stop() {
    eventLoop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
  }

  private void onLoop(Runnable action) throws Exception {
    eventLoop.submit(action).get(LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  private static void busy(long micros) {
    long began = System.nanoTime();
    while (System.nanoTime() - began < micros * 1000) {
      Thread.onSpinWait();
    }
  }

  @Test
  @DisplayName("steps are taken in order, never at once, and a failure stops none behind it")
  void order() throws Exception {
    CompletableFuture<List<Integer>> all = new CompletableFuture<>();
    onLoop(
        () -> {
          for (int i = 0; i < 100; i++) {
            int step = i;
            ends.add(
                () -> {
                  done.add(step);
                  if (step % 10 == 0) {
                    throw new IllegalStateException("step " + step + ", as planned");
                  }
                });
          }
          ends.add(() -> ends.add(() -> all.complete(done)));
          assertThat(done).isEmpty();
        });

    assertThat(all.get(LIMIT_SECONDS, TimeUnit.SECONDS))
        .isEqualTo(IntStream.range(0, 100).boxed().toList());
  }

  @Test
  @DisplayName("others on the loop get their turn while steps wait, and all steps are taken")
  void othersGetTheirTurn() throws Exception {
    CompletableFuture<Integer> doneByThen = new CompletableFuture<>();
    CompletableFuture<Integer> all = new CompletableFuture<>();
    onLoop(
        () -> {
          for (int i = 0; i < 50; i++) {
            int step = i;
            ends.add(
                () -> {
                  busy(1_000);
                  done.add(step);
                });
          }
          ends.add(() -> all.complete(done.size()));
          eventLoop.schedule(() -> doneByThen.complete(done.size()), 500, TimeUnit.MICROSECONDS);
        });

    assertThat(doneByThen.get(LIMIT_SECONDS, TimeUnit.SECONDS)).isLessThan(25);
    assertThat(all.get(LIMIT_SECONDS, TimeUnit.SECONDS)).isEqualTo(50);
  }

  @Test
  @DisplayName("it goes on after it was empty")
  void again() throws Exception {
    for (int i = 0; i < 3; i++) {
      CompletableFuture<Boolean> step = new CompletableFuture<>();
      onLoop(() -> ends.add(() -> step.complete(true)));
      assertThat(step.get(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    }
  }
}
