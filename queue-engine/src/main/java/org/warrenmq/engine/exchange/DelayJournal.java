package org.warrenmq.engine.exchange;

import java.util.ArrayList;
import java.util.List;
import org.warrenmq.engine.home.Journal;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.Stamped;
import org.warrenmq.engine.message.Stamps;
import org.warrenmq.store.WriteRequest;

/**
 * What the {@link Delays} or the {@link History} of one exchange want in the message store: every
 * message that they hand over, until it has left; those that last in the main database, the others
 * in the one that does not. Runs in their room.
 */
final class DelayJournal implements Journal.Source {
  private final long owner;
  private final RoomLoop loop;
  private final Journal journal;

  /** Told that a write which was waited for is on disk. */
  private final Runnable written;

  private List<WriteRequest> requests = new ArrayList<>(2);
  private boolean touched;
  private boolean awaited;
  private long handedOver;
  private long onDisk;

  DelayJournal(long owner, LoopStore home, Runnable written) {
    this.owner = owner;
    this.loop = home.loop();
    this.journal = home.journal();
    this.written = written;
  }

  void schedule(Place place, Message message, boolean lasting) {
    journal.bodies().refer(message.content().body(), owner, place.id(), lasting);
    request(
        new WriteRequest.Schedule(
            owner,
            place.due(),
            place.id(),
            lasting ? message : new Stamped(message, false, Stamps.NONE)));
  }

  void unschedule(Place place, boolean lasting) {
    request(new WriteRequest.Unschedule(owner, place.due(), place.id(), lasting));
  }

  /** Everything goes; the store hears nothing of it after that. */
  void dropped() {
    requests.clear();
    request(new WriteRequest.DropQueue(owner));
  }

  private void request(WriteRequest request) {
    touch();
    requests.add(request);
  }

  private void touch() {
    if (!touched) {
      touched = true;
      journal.touch(this);
      // A timer may have set this off, which is no turn.
      loop.scheduleTurn();
    }
  }

  /** What was asked for until now is waited for: {@link #isWritten} tells. */
  long awaitWrite() {
    awaited = true;
    touch();
    return handedOver + 1;
  }

  boolean isWritten(long write) {
    return onDisk >= write;
  }

  @Override
  public boolean drainTo(List<WriteRequest> target) {
    touched = false;
    handedOver++;
    target.addAll(requests);
    requests = new ArrayList<>(2);
    boolean hears = awaited;
    awaited = false;
    return hears;
  }

  @Override
  public long end() {
    return handedOver;
  }

  /** Only queues have one. */
  @Override
  public long mark() {
    return 0;
  }

  @Override
  public void onDisk(long end, long withMark) {
    onDisk = Math.max(onDisk, end);
    written.run();
  }
}
