package org.warrenmq.engine.queue;

import java.util.List;
import java.util.function.Function;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.store.QueueState;
import org.warrenmq.store.WindowState.RememberedKey;

/** Where queues come to be. */
public final class Queues {
  private Queues() {}

  /**
   * A new queue. Any thread, before anybody has its address.
   *
   * @param id never used for another queue
   * @param home where it lives
   * @param owner told when it ends by itself
   */
  public static QueueAddress open(
      long id, LoopStore home, QueueTraits traits, QueueSettings settings, QueueOwner owner) {
    return open(id, home, traits, settings, owner, DeadLetterRoute.NOWHERE, List.of());
  }

  /** The number by which the store knows one of so many lanes as a queue has priorities. */
  public static long storeId(long queueId, int lane) {
    return Lanes.storeId(queueId, lane);
  }

  /** The queue to which such a number belongs. */
  public static long queueId(long storeId) {
    return Lanes.queueId(storeId);
  }

  /**
   * An address at which something else than a queue takes what is published. Any thread, before
   * anybody has it.
   *
   * @param id used for no queue
   * @param makes who lives there
   */
  public static <T extends QueueAddress.Resident> T house(
      long id, LoopStore home, Function<QueueAddress, T> makes) {
    QueueAddress address = new QueueAddress(id, home);
    T resident = makes.apply(address);
    address.moveIn(resident);
    return resident;
  }

  /** A queue that may come back at a start, and has no keys to go by; see the other. */
  public static QueueAddress open(
      long id,
      LoopStore home,
      QueueTraits traits,
      QueueSettings settings,
      QueueOwner owner,
      DeadLetterRoute deadLetters,
      List<QueueState> stored) {
    return open(id, home, traits, settings, owner, deadLetters, stored, List.of());
  }

  /**
   * A queue that is new, or comes back at a start with what it holds.
   *
   * @param deadLetters where its dead letters go
   * @param stored one for each priority of which something is stored
   * @param remembered the keys of messages that came, which duplicates are known by
   */
  public static QueueAddress open(
      long id,
      LoopStore home,
      QueueTraits traits,
      QueueSettings settings,
      QueueOwner owner,
      DeadLetterRoute deadLetters,
      List<QueueState> stored,
      List<RememberedKey> remembered) {
    QueueAddress address = new QueueAddress(id, home);
    Queue queue = new Queue(address, traits, settings, owner, deadLetters, stored, remembered);
    address.moveIn(queue);
    boolean expiring = stored.stream().anyMatch(QueueState::expiring);
    boolean mayBeTooMuch = !stored.isEmpty() && !settings.equals(QueueSettings.NONE);
    if (expiring || mayBeTooMuch || settings.idleTime() != QueueSettings.UNLIMITED) {
      address.loop().post(() -> queue.begin(settings));
    }
    return address;
  }
}
