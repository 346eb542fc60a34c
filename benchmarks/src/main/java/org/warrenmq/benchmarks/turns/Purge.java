package org.warrenmq.benchmarks.turns;

import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.util.concurrent.TimeoutException;

/** A full queue is emptied, or deleted, in turn; used by the measuring thread. */
final class Purge implements Case {
  private final Backlog backlog;
  private boolean wasPurged;

  Purge(ConnectionFactory factory, int messages) throws IOException, TimeoutException {
    backlog = new Backlog(factory, "bench.turns.purge", messages);
  }

  @Override
  public void prepare() throws IOException {
    backlog.fill();
  }

  @Override
  public long disturb(long deadlineNanos) throws IOException {
    if (wasPurged) {
      backlog.delete();
    } else {
      backlog.purge();
    }
    wasPurged = !wasPurged;
    Backlog.awaitAftermath();
    return 1;
  }

  @Override
  public void close() throws IOException {
    backlog.close();
  }
}
