package org.warrenmq.engine;

import java.util.Collection;
import java.util.List;
import org.warrenmq.store.TurnWrites.TransactionPart;

/**
 * A commit's two marks around its mail to one loop: what the queues there write in between reaches
 * the disk at once, together with what other loops write between theirs. Made by a connection,
 * opened on the queues' loop.
 */
public final class Commit {
  private final RoomLoop loop;
  private final Publisher publisher;
  private final long sequence;
  private final long id;
  private final int parts;

  private Commit(RoomLoop loop, Publisher publisher, long sequence, long id, int parts) {
    this.loop = loop;
    this.publisher = publisher;
    this.sequence = sequence;
    this.id = id;
    this.parts = parts;
  }

  /**
   * Sends the content of a transaction.
   *
   * @param from the connection's loop
   * @param loops where the queues concerned live
   * @param publisher told once for each loop, when its part is on disk as far as it must be
   * @param sequence what it is told
   * @param content sends the publishes and settlements
   */
  public static void send(
      RoomLoop from,
      Collection<RoomLoop> loops,
      Publisher publisher,
      long sequence,
      Runnable content) {
    // Nothing sent before may be added to between the marks, nor may what was sent there be later.
    from.postOutgoing();
    long id = from.newTransaction();
    List<Commit> commits =
        loops.stream()
            .map(loop -> new Commit(loop, publisher, sequence, id, loops.size()))
            .toList();
    commits.forEach(commit -> from.send(commit.loop, commit::begin));
    content.run();
    commits.forEach(commit -> from.send(commit.loop, commit::end));
    from.postOutgoing();
  }

  private void begin() {
    loop.keepWhole(true);
    Journal journal = loop.journal();
    if (journal != null) {
      journal.submit();
    }
  }

  private void end() {
    loop.keepWhole(false);
    Journal journal = loop.journal();
    if (journal == null || (parts == 1 && journal.isEmpty())) {
      loop.accepted(publisher, sequence, 0);
      return;
    }
    journal.acceptWhenWritten(publisher, sequence, 0);
    journal.submit(parts == 1 ? null : new TransactionPart(id, parts));
  }
}
