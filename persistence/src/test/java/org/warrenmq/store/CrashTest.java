package org.warrenmq.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that writes is killed with SIGKILL, again and again: what it confirmed is there. */
class CrashTest {
  private static final int ROUNDS = Math.max(5, Integer.getInteger("crash.rounds", 5));

  @TempDir Path folder;

  @Test
  void whatWasCompletedIsThereInOrder() throws Exception {
    Random random = new Random();
    Map<Long, Long> appended = new HashMap<>();
    Map<Long, Long> settled = new HashMap<>();
    for (int round = 0; round < ROUNDS; round++) {
      runAndKill(round, 200 + random.nextInt(1500), appended, settled);
      check(round, appended, settled);
    }
    assertThat(appended).hasSize(CrashingWriter.QUEUES);
  }

  private void runAndKill(int round, int lines, Map<Long, Long> appended, Map<Long, Long> settled)
      throws Exception {
    try (ChildProcess child =
        ChildProcess.start(CrashingWriter.class, folder.toString(), String.valueOf(round))) {
      for (int i = 0; i < lines; i++) {
        note(child.line(), appended, settled);
      }
      child.kill();
      // What it managed to print before it died counts as well.
      for (String line : child.lines()) {
        if (line.matches("(append|settle) \\d+ \\d+")) {
          note(line, appended, settled);
        }
      }
    }
  }

  /** The disk refuses every further byte of a file: nothing is confirmed after that. */
  @Test
  void aFullDiskEndsTheConfirmsAndLosesNothing() throws Exception {
    Map<Long, Long> appended = new HashMap<>();
    Map<Long, Long> settled = new HashMap<>();
    try (ChildProcess child = ChildProcess.start(CrashingWriter.class, folder.toString(), "1")) {
      for (int i = 0; i < 100; i++) {
        note(child.line(), appended, settled);
      }
      child.limitFiles(4096);
      String line = child.line();
      while (line.matches("(append|settle) .*")) {
        note(line, appended, settled);
        line = child.line();
      }
      assertThat(line).startsWith("failed Writing to the store failed").contains("too large");
      assertThat(child.lines()).noneMatch(later -> later.startsWith("append"));
    }
    check(0, appended, settled);
    assertThat(appended).isNotEmpty();
  }

  private static void note(String line, Map<Long, Long> appended, Map<Long, Long> settled) {
    assertThat(line).isNotNull().matches("(append|settle) \\d+ \\d+");
    String[] words = line.split(" ");
    Map<Long, Long> marks = words[0].equals("append") ? appended : settled;
    marks.merge(Long.parseLong(words[1]), Long.parseLong(words[2]), Math::max);
  }

  private void check(int round, Map<Long, Long> appended, Map<Long, Long> settled) {
    try (TestStore store = new TestStore(folder)) {
      List<QueueState> queues = store.store.recover().queues();
      for (QueueState state : queues) {
        long confirmed = appended.getOrDefault(state.queueId(), 0L);
        long gone = settled.getOrDefault(state.queueId(), 0L);
        assertThat(state.next()).as("round %d", round).isGreaterThanOrEqualTo(confirmed);
        assertThat(state.floor()).as("round %d", round).isLessThanOrEqualTo(gone);
        assertThat(state.count()).isEqualTo(state.next() - state.floor());
        assertThat(state.bytes())
            .isEqualTo(TestStore.bytesOf(LongStream.range(state.floor(), state.next())));
        assertThat(store.texts(state.queueId()))
            .isEqualTo(
                LongStream.range(state.floor(), state.next()).mapToObj(i -> "m" + i).toList());
        // A torn end of the last line may have hidden the last settlement or confirm.
        settled.merge(state.queueId(), state.floor(), Math::max);
      }
      assertThat(store.store.verify().problems()).isEmpty();
    }
  }
}
