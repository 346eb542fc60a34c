package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.engine.loop.RecordedErrors;
import org.warrenmq.engine.loop.SeededRuns;

/**
 * The same as {@link NodeSimulationTest}, shorter, over the real store: its disk and the simulated
 * one must always hold the same. How its threads get on is not the seed's to decide.
 */
class NodeOnDiskTest {
  /** One of so many seeds: each opens several stores. */
  private static final int SHARE = 20;

  @TempDir Path folder;

  @Test
  void realStoreDoesWhatTheSimulatedOneDoes() {
    RecordedErrors.instance().drain();
    long steps =
        SeededRuns.runSome(
            NodeOnDiskTest.class,
            SHARE,
            (random, trace) -> {
              try (MirroredStore store = new MirroredStore(newFolder())) {
                new NodeSimulation(random, trace, store).run(SeededRuns.steps(250));
              }
            });
    assertThat(steps).isPositive();
  }

  private Path newFolder() {
    try {
      return Files.createTempDirectory(folder, "store");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
