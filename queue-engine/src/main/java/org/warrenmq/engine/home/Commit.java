package org.warrenmq.engine.home;

import java.util.Collection;
import java.util.List;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.store.TurnWrites.TransactionPart;

/**
 * A commit's two marks around its mail to one loop: what the queues there write in between reaches
 * the disk at once, together with what other loops write between theirs. Made by a connection,
 * opened on the queues' loop.
 */
public final class Commit {
  private final LoopStore home;
  private final Publisher publisher;
  private final long sequence;
  private final long id;
  private final int parts;

  private Commit(LoopStore home, Publisher publisher, long sequence, long id, int parts) {
    this.home = home;
    this.publisher = publisher;
    this.sequence = sequence;
    this.id = id;
    this.parts = parts;
  }

  /**
   * Sends the content of a transaction.
   *
   * @param from the connection's loop
   * @param homes where the queues concerned live
   * @param publisher told once for each of these, when its part is on disk as far as it must be;
   *     that it is rejected, when a queue there has refused some of it
   * @param sequence what it is told
   * @param content sends the publishes and settlements
   */
  public static void send(
      LoopStore from,
      Collection<LoopStore> homes,
      Publisher publisher,
      long sequence,
      Runnable content) {
    RoomLoop loop = from.loop();
    // Nothing sent before may be added to between the marks, nor may what was sent there be later.
    loop.postOutgoing();
    long id = from.newTransaction();
    List<Commit> commits =
        homes.stream()
            .map(home -> new Commit(home, publisher, sequence, id, homes.size()))
            .toList();
    commits.forEach(commit -> loop.send(commit.home.loop(), commit::begin));
    content.run();
    commits.forEach(commit -> loop.send(commit.home.loop(), commit::end));
    loop.postOutgoing();
  }

  private void begin() {
    home.loop().keepWhole(true);
    home.begin();
  }

  private void end() {
    home.loop().keepWhole(false);
    home.commit(publisher, sequence, parts == 1 ? null : new TransactionPart(id, parts));
  }
}
