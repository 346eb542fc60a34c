package org.warrenmq.broker.topology;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.warrenmq.broker.topology.TopologyChange.AccountAddition;
import org.warrenmq.broker.topology.TopologyChange.AccountDeletion;
import org.warrenmq.broker.topology.TopologyChange.AccountsBegun;
import org.warrenmq.broker.topology.TopologyChange.Addition;
import org.warrenmq.broker.topology.TopologyChange.BindingAdded;
import org.warrenmq.broker.topology.TopologyChange.BindingRemoved;
import org.warrenmq.broker.topology.TopologyChange.Deletion;
import org.warrenmq.broker.topology.TopologyChange.ExchangeAdded;
import org.warrenmq.broker.topology.TopologyChange.ExchangeRemoved;
import org.warrenmq.broker.topology.TopologyChange.GlobalParameterRemoved;
import org.warrenmq.broker.topology.TopologyChange.GlobalParameterSet;
import org.warrenmq.broker.topology.TopologyChange.ParameterRemoved;
import org.warrenmq.broker.topology.TopologyChange.ParameterSet;
import org.warrenmq.broker.topology.TopologyChange.PermissionsRemoved;
import org.warrenmq.broker.topology.TopologyChange.PermissionsSet;
import org.warrenmq.broker.topology.TopologyChange.PolicyRemoved;
import org.warrenmq.broker.topology.TopologyChange.PolicySet;
import org.warrenmq.broker.topology.TopologyChange.QueueAdded;
import org.warrenmq.broker.topology.TopologyChange.QueueRemoved;
import org.warrenmq.broker.topology.TopologyChange.TopicPermissionsRemoved;
import org.warrenmq.broker.topology.TopologyChange.TopicPermissionsSet;
import org.warrenmq.broker.topology.TopologyChange.UserRemoved;
import org.warrenmq.broker.topology.TopologyChange.UserSet;
import org.warrenmq.broker.topology.TopologyChange.VhostAdded;
import org.warrenmq.broker.topology.TopologyChange.VhostDescribed;
import org.warrenmq.broker.topology.TopologyChange.VhostLimitsRemoved;
import org.warrenmq.broker.topology.TopologyChange.VhostLimitsSet;
import org.warrenmq.broker.topology.TopologyChange.VhostRemoved;
import org.warrenmq.broker.topology.TopologyChange.VhostUndescribed;
import org.warrenmq.engine.loop.Mail;
import org.warrenmq.engine.loop.Room;
import org.warrenmq.engine.message.MessageStore;
import org.warrenmq.engine.queue.Queues;
import org.warrenmq.store.DefinitionKey;
import org.warrenmq.store.TurnWrites;
import org.warrenmq.store.WriteRequest;
import org.warrenmq.store.WriteRequest.DeleteDefinition;
import org.warrenmq.store.WriteRequest.PutDefinition;

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
   * Something is added. A queue is handed over at once, since nobody can find it before this
   * returns: messages that are published to it come later in the store, so none is confirmed
   * without the queue it is in.
   */
  void write(Addition addition) {
    switch (addition) {
      case VhostAdded vhost ->
          requests.add(
              new PutDefinition(VhostDefinition.key(vhost.name()), VhostDefinition.value(vhost)));
      case ExchangeAdded exchange when exchange.spec().durable() -> {
        requests.add(
            new PutDefinition(
                ExchangeDefinition.key(exchange.vhost(), exchange.spec().name()),
                ExchangeDefinition.value(exchange)));
        if (!exchange.rooms().isNone()) {
          // What it keeps is stored later, as with a queue.
          exchange.rooms().all().forEach(id -> requests.add(new WriteRequest.AddQueue(id)));
          submit();
        }
      }
      case QueueAdded queue when queue.spec().durable() -> {
        requests.add(
            new PutDefinition(
                QueueDefinition.key(queue.vhost(), queue.spec().name()),
                QueueDefinition.value(queue)));
        for (int lane = 0; lane <= QueueMeaning.traits(queue.spec()).maxPriority(); lane++) {
          requests.add(new WriteRequest.AddQueue(Queues.storeId(queue.id(), lane)));
        }
        submit();
      }
      case BindingAdded binding when binding.durable() ->
          requests.add(
              new PutDefinition(
                  BindingDefinition.key(binding.vhost(), binding.binding()),
                  BindingDefinition.value(binding)));
      case VhostLimitsSet set ->
          requests.add(
              new PutDefinition(
                  VhostLimitsDefinition.key(set.vhost()), VhostLimitsDefinition.value(set)));
      case PolicySet(PolicySpec policy) ->
          requests.add(
              new PutDefinition(
                  PolicyDefinition.key(policy.kind(), policy.vhost(), policy.name()),
                  PolicyDefinition.value(new PolicySet(policy))));
      case ParameterSet set ->
          requests.add(
              new PutDefinition(
                  ParameterDefinition.key(
                      set.vhost(), set.parameter().component(), set.parameter().name()),
                  ParameterDefinition.value(set)));
      case GlobalParameterSet set ->
          requests.add(
              new PutDefinition(
                  GlobalParameterDefinition.key(set.name()), GlobalParameterDefinition.value(set)));
      case VhostDescribed described ->
          requests.add(
              new PutDefinition(
                  VhostTraitsDefinition.key(described.vhost()),
                  VhostTraitsDefinition.value(described)));
      case AccountAddition account -> write(account);
      case ExchangeAdded _, QueueAdded _, BindingAdded _ -> {
        // It ends with the process.
      }
    }
  }

  private void write(AccountAddition addition) {
    requests.add(
        switch (addition) {
          case AccountsBegun _ ->
              new PutDefinition(AccountsDefinition.key(), AccountsDefinition.value());
          case UserSet user ->
              new PutDefinition(UserDefinition.key(user.name()), UserDefinition.value(user));
          case PermissionsSet set ->
              new PutDefinition(
                  PermissionDefinition.key(set.user(), set.vhost()),
                  PermissionDefinition.value(set));
          case TopicPermissionsSet set ->
              new PutDefinition(
                  TopicPermissionDefinition.key(set.user(), set.vhost(), set.exchange()),
                  TopicPermissionDefinition.value(set));
        });
  }

  private static DefinitionKey key(AccountDeletion deletion) {
    return switch (deletion) {
      case UserRemoved(String name) -> UserDefinition.key(name);
      case PermissionsRemoved(String user, String vhost) -> PermissionDefinition.key(user, vhost);
      case TopicPermissionsRemoved(String user, String vhost, String exchange) ->
          TopicPermissionDefinition.key(user, vhost, exchange);
    };
  }

  /** Something went; a queue with everything it holds. */
  void write(Deletion deletion) {
    switch (deletion) {
      case VhostRemoved(String name) ->
          requests.add(new DeleteDefinition(VhostDefinition.key(name)));
      case ExchangeRemoved(String vhost, String name, boolean durable) when durable ->
          requests.add(new DeleteDefinition(ExchangeDefinition.key(vhost, name)));
      case QueueRemoved(long id, String vhost, String name, boolean durable, int maxPriority)
          when durable -> {
        requests.add(new DeleteDefinition(QueueDefinition.key(vhost, name)));
        for (int lane = 0; lane <= maxPriority; lane++) {
          requests.add(new WriteRequest.DropQueue(Queues.storeId(id, lane)));
        }
      }
      case BindingRemoved(String vhost, BindingSpec binding, boolean durable) when durable ->
          requests.add(new DeleteDefinition(BindingDefinition.key(vhost, binding)));
      case VhostLimitsRemoved(String vhost) ->
          requests.add(new DeleteDefinition(VhostLimitsDefinition.key(vhost)));
      case PolicyRemoved(PolicySpec.Kind kind, String vhost, String name) ->
          requests.add(new DeleteDefinition(PolicyDefinition.key(kind, vhost, name)));
      case ParameterRemoved(String vhost, String component, String name) ->
          requests.add(new DeleteDefinition(ParameterDefinition.key(vhost, component, name)));
      case GlobalParameterRemoved(String name) ->
          requests.add(new DeleteDefinition(GlobalParameterDefinition.key(name)));
      case VhostUndescribed(String vhost) ->
          requests.add(new DeleteDefinition(VhostTraitsDefinition.key(vhost)));
      case AccountDeletion account -> requests.add(new DeleteDefinition(key(account)));
      case ExchangeRemoved _, QueueRemoved _, BindingRemoved _ -> {
        // It was never written.
      }
    }
  }

  /** Something of an earlier run that no definition tells of. */
  void dropQueue(long storeId) {
    requests.add(new WriteRequest.DropQueue(storeId));
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
