package org.warrenmq.conformance.crash;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.conformance.BrokerProcess.Launch;

/** Memory runs out, in the heap and outside: the process ends, and the line still gets out. */
@ExtendWith(OwnBrokerOnly.class)
class OutOfMemoryTest {
  private static final int DIRECT_MEMORY = 16 << 20;

  @TempDir Path root;

  @Test
  void inTheHeap() throws Exception {
    Launch how = Launch.on(root.resolve("data")).withJavaOptions("-Xmx128m");
    try (FaultTrial trial = FaultTrial.on(how)) {
      long since = trial.debugger().fillHeap();
      trial.assertEnds("full heap", since, "java.lang.OutOfMemoryError: Java heap space", "");
      trial.assertNothingLost();
    }
  }

  /** Each client that does not read has a little waiting for it, and there are many. */
  @Test
  @AllFaults
  void inDirectMemory() throws Exception {
    Launch how =
        Launch.on(root.resolve("data"))
            .withJavaOptions("-Dio.netty.maxDirectMemory=" + DIRECT_MEMORY);
    try (FaultTrial trial = FaultTrial.on(how);
        DeafClients clients = new DeafClients(trial.broker().uri())) {
      long since = trial.debugger().awaitThrown(OutOfMemoryError.class, () -> clients.overwhelm());
      trial.assertEnds("direct memory", since, "direct memory", "vert.x-eventloop-thread-");
      trial.assertNothingLost();
    }
  }
}
