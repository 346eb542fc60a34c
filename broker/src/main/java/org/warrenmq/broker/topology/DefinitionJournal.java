package org.warrenmq.broker.topology;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.warrenmq.engine.loop.Mail;
import org.warrenmq.engine.loop.Room;
import org.warrenmq.engine.message.MessageStore;
import org.warrenmq.engine.queue.QueueCommand;
import org.warrenmq.router.Binding;
import org.warrenmq.router.Destination;
import org.warrenmq.router.Exchange;
import org.warrenmq.router.Removal;
import org.warrenmq.store.TurnWrites;
import org.warrenmq.store.WriteRequest;

/**
 * What the topology wants to outlive the process: gathered over a batch of commands, or up to a new
 * queue, handed to the store as one, and no answer leaves before it is on disk. Lives in the
 * topology's room.
 *
 * <p>Any answer waits for all that was changed before it, since it may rest on that: who is told
 * that a queue exists must find it after a crash. Only durable objects are written; a binding is
 * durable if both its ends are.
 */
final class DefinitionJournal {
  private final TopologyRoom room;
  private final MessageStore store;
  private List<WriteRequest> requests = new ArrayList<>();
  private List<Answer> answers = new ArrayList<>();

  /**
   * Batches handed over and not on disk, oldest first. The store may finish a later one earlier: a
   * batch that ends a queue waits for a transaction that queue takes part in.
   */
  private final ArrayDeque<Batch> underWay = new ArrayDeque<>();

  private record Answer(Room target, Mail mail) {}

  /** Changes handed over together, and who waits for them and for all before them. */
  private static final class Batch {
    final List<Answer> answers;
    boolean written;

    Batch(List<Answer> answers) {
      this.answers = answers;
    }
  }

  DefinitionJournal(TopologyRoom room, MessageStore store) {
    this.room = room;
    this.store = store;
  }

  /**
   * Whether messages and the definition of a queue are kept: not of one that its owner takes along.
   */
  static boolean isDurable(QueueEntry queue) {
    return queue.spec().durable();
  }

  private static boolean isDurable(Destination destination) {
    return switch (destination) {
      case Exchange exchange -> exchange.spec().durable();
      case QueueEntry queue -> isDurable(queue);
      default -> false;
    };
  }

  private static boolean isDurable(Binding binding) {
    return isDurable(binding.source()) && isDurable(binding.destination());
  }

  void added(Exchange exchange) {
    if (exchange.spec().durable()) {
      requests.add(
          new WriteRequest.PutDefinition(
              DefinitionRecords.key(exchange.spec()), DefinitionRecords.value(exchange.spec())));
    }
  }

  /**
   * Handed over at once, and called before anybody can find the queue: messages that are published
   * to it come later in the store, so none is confirmed without the queue it is in.
   */
  void added(QueueEntry queue) {
    if (isDurable(queue)) {
      requests.add(
          new WriteRequest.PutDefinition(
              DefinitionRecords.key(queue), DefinitionRecords.value(queue)));
      requests.add(new WriteRequest.AddQueue(queue.room().id()));
      submit();
    }
  }

  void added(Binding binding) {
    if (isDurable(binding)) {
      requests.add(
          new WriteRequest.PutDefinition(
              DefinitionRecords.key(binding), DefinitionRecords.value(binding)));
    }
  }

  /** The queue and everything it holds; it hears when that is on disk. */
  void removed(QueueEntry queue) {
    if (isDurable(queue)) {
      requests.add(new WriteRequest.DeleteDefinition(DefinitionRecords.key(queue)));
      requests.add(new WriteRequest.DropQueue(queue.room().id()));
      answer(queue.room().loop(), new QueueCommand.EndOnDisk(queue.room()));
    }
  }

  void removed(Removal removal) {
    for (Binding binding : removal.bindings()) {
      if (isDurable(binding)) {
        requests.add(new WriteRequest.DeleteDefinition(DefinitionRecords.key(binding)));
      }
    }
    for (Exchange exchange : removal.exchanges()) {
      if (exchange.spec().durable()) {
        requests.add(new WriteRequest.DeleteDefinition(DefinitionRecords.key(exchange.spec())));
      }
    }
  }

  /** Something of an earlier run that no definition tells of. */
  void removed(long queueId) {
    requests.add(new WriteRequest.DropQueue(queueId));
  }

  /** Sends an answer once everything before it is on disk. */
  void answer(Room target, Mail mail) {
    if (!requests.isEmpty()) {
      answers.add(new Answer(target, mail));
    } else if (!underWay.isEmpty()) {
      underWay.getLast().answers.add(new Answer(target, mail));
    } else {
      room.send(target, mail);
    }
  }

  /** Hands over what was changed, at the latest when the batch of commands ends. */
  void submit() {
    if (requests.isEmpty()) {
      return;
    }
    Batch batch = new Batch(answers);
    underWay.add(batch);
    store.submit(new TurnWrites(requests, true, () -> room.post(() -> written(batch)), null));
    requests = new ArrayList<>();
    answers = new ArrayList<>();
  }

  private void written(Batch batch) {
    batch.written = true;
    for (Batch oldest; (oldest = underWay.peek()) != null && oldest.written; ) {
      underWay.remove();
      oldest.answers.forEach(answer -> room.send(answer.target, answer.mail));
    }
  }
}
