package org.warrenmq.engine;

import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.warrenmq.store.SettleReason;

/** Turns what a dispatcher records into outcomes. */
record Outcomes(Consumer<Outcome> target) implements Recorder {
  @Override
  public void appended(long position, Message message) {
    target.accept(new Outcome.Append(position, List.of(message)));
  }

  @Override
  public void settled(long position, QueueLog.Entry entry, SettleReason reason) {
    target.accept(new Outcome.Settle(new long[] {position}, Settlement.ACKED));
  }

  @Override
  public void returned(long[] positions, int count) {
    target.accept(new Outcome.Return(Arrays.copyOf(positions, count)));
  }

  @Override
  public void purged(long below, long[] kept) {
    target.accept(new Outcome.Purge(below, kept));
  }
}
