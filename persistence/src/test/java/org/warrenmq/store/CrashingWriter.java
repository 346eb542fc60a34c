package org.warrenmq.store;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes to a store as fast as it goes, from three threads, and prints what was completed: "append
 * QUEUE NEXT" and "settle QUEUE BELOW" when submitted. Meant to be killed.
 */
final class CrashingWriter {
  static final int QUEUES = 3;

  private CrashingWriter() {}

  public static void main(String[] args) {
    Store store =
        Store.open(
            Path.of(args[0]),
            TestStore.SMALL,
            BodySize.WHOLE,
            failure -> {
              System.out.println("failed " + failure.getMessage());
              System.exit(3);
            });
    var states = new ConcurrentHashMap<Long, QueueState>();
    store.recover().queues().forEach(state -> states.put(state.queueId(), state));
    for (long queue = 1; queue <= QUEUES; queue++) {
      QueueState state = states.get(queue);
      Random random = new Random(Long.parseLong(args[1]) * 31 + queue);
      Feeder feeder =
          new Feeder(
              store, queue, state == null ? 0 : state.floor(), state == null ? 0 : state.next());
      Thread.ofPlatform().start(() -> feeder.run(random));
    }
  }

  private static final class Feeder {
    private final Store store;
    private final long queue;
    private final AtomicLong confirmed = new AtomicLong();
    private long settled;
    private long next;

    Feeder(Store store, long queue, long settled, long next) {
      this.store = store;
      this.queue = queue;
      this.settled = settled;
      this.next = next;
      confirmed.set(next);
    }

    void run(Random random) {
      while (true) {
        // A window, as a publisher with confirms has one.
        if (next - confirmed.get() > 2_000) {
          Thread.onSpinWait();
          continue;
        }
        List<WriteRequest> requests = new ArrayList<>();
        int count = 1 + random.nextInt(60);
        requests.add(TestStore.appendNumbered(queue, next, count));
        next += count;
        long end = next;
        if (random.nextInt(3) == 0 && confirmed.get() - settled > 1) {
          long below = settled + random.nextInt((int) Math.min(200, confirmed.get() - settled));
          long[] positions = new long[(int) (below - settled)];
          for (int i = 0; i < positions.length; i++) {
            positions[i] = settled + i;
          }
          settled = below;
          // Said before it is done: what is settled may be gone from now on.
          print("settle " + queue + " " + below);
          requests.add(TestStore.settleNumbered(queue, positions));
        }
        store
            .writer()
            .submit(
                TurnWrites.synced(
                    requests,
                    () -> {
                      confirmed.set(end);
                      print("append " + queue + " " + end);
                    }));
      }
    }
  }

  private static void print(String line) {
    synchronized (System.out) {
      System.out.println(line);
      System.out.flush();
    }
  }
}
