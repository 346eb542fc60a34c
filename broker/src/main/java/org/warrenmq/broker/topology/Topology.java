package org.warrenmq.broker.topology;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.broker.topology.TopologyCommand.DeclareQueue;
import org.warrenmq.broker.topology.TopologyCommand.DeleteQueue;
import org.warrenmq.broker.topology.TopologyReply.Done;
import org.warrenmq.broker.topology.TopologyReply.QueueDeclared;
import org.warrenmq.broker.topology.TopologyReply.QueueDeleted;
import org.warrenmq.broker.topology.TopologyReply.Refused;
import org.warrenmq.codec.AmqpError;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.loop.Mail;
import org.warrenmq.engine.loop.NodeMemory;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.MessageStore;
import org.warrenmq.engine.queue.QueueAddress;
import org.warrenmq.engine.queue.QueueCommand.Halt;
import org.warrenmq.engine.queue.QueueCommand.Inspect;
import org.warrenmq.engine.queue.QueueCommand.QueueStatus;
import org.warrenmq.engine.queue.QueueCommand.Seal;
import org.warrenmq.engine.queue.QueueCommand.SealReply;
import org.warrenmq.engine.queue.QueueOwner;
import org.warrenmq.engine.queue.Queues;
import org.warrenmq.router.ExchangeSpec;
import org.warrenmq.router.ExchangeTypes;
import org.warrenmq.store.QueueState;
import org.warrenmq.store.Recovered;
import org.warrenmq.store.StoreException;

/**
 * Carries out {@link TopologyCommand}s, one after the other, in the {@link TopologyRoom}: the only
 * writer of virtual hosts, exchanges, bindings and the list of queues.
 *
 * <p>It never waits. Where a queue must be asked first (may you go? how many messages?), the
 * command is finished when the answer comes, and only later commands for the same queue name wait
 * for that.
 */
public final class Topology implements QueueOwner, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Topology.class);

  private final TopologyRoom room = new TopologyRoom();
  private final DefinitionJournal journal;
  private final TopologyAccount account;
  private final ExchangeTypes types;
  private final Exchanges exchanges;
  private final Map<String, VirtualHost> vhosts = new ConcurrentHashMap<>();
  private final Map<QueueAddress, QueueEntry> entries = new HashMap<>();

  /** Exclusive queues by the connection that owns them. */
  private final Map<Owner, Set<QueueEntry>> exclusive = new HashMap<>();

  /** Queues with a question outstanding, and the commands that wait for the answer. */
  private final Map<QueueEntry, ArrayDeque<Runnable>> questioned = new HashMap<>();

  private long lastQueueId;

  /**
   * @param defaultVhost the virtual host that exists from the start
   * @param store where durable objects are kept
   * @param memory charged with what there is, and its bound
   */
  public Topology(ExchangeTypes types, String defaultVhost, MessageStore store, NodeMemory memory) {
    this.types = types;
    journal = new DefinitionJournal(room, store);
    account = new TopologyAccount(memory);
    exchanges = new Exchanges(types, journal, account);
    addVhost(defaultVhost);
  }

  /**
   * Runs something, in the topology's room, whenever so much was deleted that what others remember
   * of it should be forgotten. Any thread.
   */
  public void whenMuchIsGone(Runnable action) {
    account.whenMuchIsGone(action);
  }

  private VirtualHost addVhost(String name) {
    return vhosts.computeIfAbsent(
        name,
        _ -> {
          VirtualHost vhost = new VirtualHost(name, types);
          exchanges.predeclare(vhost);
          return vhost;
        });
  }

  /**
   * Brings back what an earlier run left; before the start, on the node's main thread.
   *
   * @param homes loops for the queues to live on
   * @throws StoreException when a definition does not read back, or there is no memory for all
   */
  public void restore(Recovered recovered, List<LoopStore> homes) {
    Map<Long, QueueState> states = new HashMap<>();
    for (QueueState state : recovered.queues()) {
      states.put(state.queueId(), state);
      lastQueueId = Math.max(lastQueueId, state.queueId());
    }
    for (Recovered.Definition definition : recovered.definitions()) {
      switch (definition.key().kind()) {
        case DefinitionRecords.EXCHANGE -> {
          ExchangeSpec spec = DefinitionRecords.exchange(definition.value());
          exchanges.restore(addVhost(spec.vhost()), spec);
        }
        case DefinitionRecords.QUEUE -> restoreQueue(definition.value(), states, homes);
        case DefinitionRecords.BINDING -> {
          var binding = DefinitionRecords.binding(definition.value());
          if (!exchanges.restore(addVhost(binding.vhost()), binding.spec())) {
            throw new StoreException("a binding leads nowhere: " + binding);
          }
        }
        default ->
            throw new StoreException("a definition of unknown kind " + definition.key().kind());
      }
      account.checkRestored();
    }
    // Written in one go with the end of its definition: there should be none.
    states.keySet().forEach(journal::removed);
  }

  private void restoreQueue(byte[] value, Map<Long, QueueState> states, List<LoopStore> homes) {
    var stored = DefinitionRecords.queue(value);
    lastQueueId = Math.max(lastQueueId, stored.id());
    LoopStore home = homes.get((int) (stored.id() % homes.size()));
    QueueAddress queue =
        Queues.open(
            stored.id(),
            home,
            stored.spec().traits(),
            QueueArguments.settings(stored.spec()),
            this,
            states.remove(stored.id()));
    add(new QueueEntry(addVhost(stored.vhost()), stored.spec(), null, queue));
  }

  public void start() {
    room.start(journal::submit);
  }

  /** The node stops: mail that tells each durable queue, by the loop it is for. Any thread. */
  public Map<RoomLoop, List<Mail>> stopQueues() {
    Map<RoomLoop, List<Mail>> mail = new HashMap<>();
    for (VirtualHost vhost : vhosts.values()) {
      for (QueueEntry queue : vhost.queues()) {
        if (DefinitionJournal.isDurable(queue)) {
          mail.computeIfAbsent(queue.room().loop(), _ -> new ArrayList<>())
              .add(new Halt(queue.room()));
        }
      }
    }
    return mail;
  }

  /** The virtual host of that name, or null. Any thread. */
  public @Nullable VirtualHost vhost(String name) {
    return vhosts.get(name);
  }

  @Override
  public TopologyRoom room() {
    return room;
  }

  /** The mail that brings a command here. */
  public Mail mail(TopologyCommand command) {
    return () -> handle(command);
  }

  private void handle(TopologyCommand command) {
    assert room.inRoom();
    try {
      switch (command) {
        case TopologyCommand.DeclareExchange declare -> {
          exchanges.declare(declare.vhost(), declare.spec());
          reply(command, new Done());
        }
        case TopologyCommand.DeleteExchange delete -> {
          exchanges.delete(delete.vhost(), delete.name(), delete.ifUnused());
          reply(command, new Done());
        }
        case TopologyCommand.Bind bind ->
            whenSettled(bind.vhost(), queueOf(bind.binding()), command, () -> exchanges.bind(bind));
        case TopologyCommand.Unbind unbind ->
            whenSettled(
                unbind.vhost(), queueOf(unbind.binding()), command, () -> exchanges.unbind(unbind));
        case DeclareQueue declare -> declareQueue(declare);
        case DeleteQueue delete -> deleteQueue(delete);
        case TopologyCommand.ReleaseConnection release -> release(release);
      }
    } catch (AmqpError error) {
      reply(command, new Refused(error));
    }
  }

  private void reply(TopologyCommand command, TopologyReply answer) {
    ReplyTo<TopologyReply> reply = command.reply();
    journal.answer(reply.room(), reply.with(answer));
  }

  private static @Nullable String queueOf(TopologyCommand.BindingSpec binding) {
    return binding.toQueue() ? binding.destination() : null;
  }

  /** Runs a change at once, or when the queue it names has no question outstanding. */
  private void whenSettled(
      VirtualHost vhost, @Nullable String queue, TopologyCommand command, Runnable change) {
    if (queue != null && deferred(vhost.queue(queue), command)) {
      return;
    }
    change.run();
    reply(command, new Done());
  }

  private boolean deferred(@Nullable QueueEntry queue, TopologyCommand command) {
    ArrayDeque<Runnable> waiting = queue == null ? null : questioned.get(queue);
    if (waiting != null) {
      waiting.add(() -> handle(command));
      return true;
    }
    return false;
  }

  private void declareQueue(DeclareQueue declare) {
    QueueSpec spec = declare.spec();
    QueueEntry existing = declare.vhost().queue(spec.name());
    if (existing == null && spec.exclusive() && declare.connection().hasEnded()) {
      // Nobody would ever delete it.
      reply(declare, new Done());
    } else if (existing == null) {
      reply(declare, new QueueDeclared(create(declare), 0, 0));
    } else if (!deferred(existing, declare)) {
      Equivalence.check(existing, spec, declare.owner());
      ReplyTo<@Nullable QueueStatus> answer =
          new ReplyTo<>(room, status -> inspected(declare, existing, status));
      room.send(existing.room().loop(), new Inspect(existing.room(), answer));
    }
  }

  private void inspected(DeclareQueue declare, QueueEntry queue, @Nullable QueueStatus status) {
    if (status != null) {
      reply(declare, new QueueDeclared(queue, status.ready(), status.consumers()));
    } else {
      // It ended in the meantime, and that news came before this answer: the name is free now.
      remove(queue);
      handle(declare);
    }
  }

  private QueueEntry create(DeclareQueue declare) {
    QueueSpec spec = declare.spec();
    QueueArguments.validate(declare.vhost(), spec);
    account.checkRoom(spec);
    QueueAddress queue =
        Queues.open(
            ++lastQueueId, declare.home(), spec.traits(), QueueArguments.settings(spec), this);
    QueueEntry entry = new QueueEntry(declare.vhost(), spec, declare.owner(), queue);
    List<String> inVain = QueueArguments.withoutEffect(spec);
    if (!inVain.isEmpty()) {
      log.info(
          "queue '{}' in vhost '{}': {} without effect so far",
          spec.name(),
          declare.vhost().name(),
          String.join(", ", inVain));
    }
    journal.added(entry);
    add(entry);
    Owner owner = entry.owner();
    if (owner != null) {
      exclusive.computeIfAbsent(owner, _ -> new HashSet<>()).add(entry);
    }
    return entry;
  }

  private void add(QueueEntry entry) {
    entries.put(entry.room(), entry);
    entry.vhost().add(entry);
    account.added(entry);
  }

  private void deleteQueue(DeleteQueue delete) {
    QueueEntry queue = delete.vhost().queue(delete.name());
    if (queue == null) {
      reply(delete, new QueueDeleted(0));
      return;
    }
    if (deferred(queue, delete)) {
      return;
    }
    if (!queue.isOpenTo(delete.connection())) {
      throw Refusal.locked(queue);
    }
    questioned.put(queue, new ArrayDeque<>(1));
    ReplyTo<SealReply> answer = new ReplyTo<>(room, reply -> asked(delete, queue, reply));
    room.send(
        queue.room().loop(), new Seal(queue.room(), delete.ifUnused(), delete.ifEmpty(), answer));
  }

  private void asked(DeleteQueue delete, QueueEntry queue, SealReply reply) {
    VirtualHost vhost = delete.vhost();
    switch (reply) {
      case SealReply.Sealed(long ready) -> {
        remove(queue);
        reply(delete, new QueueDeleted(ready));
      }
      case SealReply.Gone() -> {
        remove(queue);
        reply(delete, new QueueDeleted(0));
      }
      case SealReply.InUse() ->
          reply(delete, new Refused(Refusal.inUse("queue", delete.name(), vhost)));
      case SealReply.NotEmpty() ->
          reply(delete, new Refused(Refusal.notEmpty(delete.name(), vhost)));
    }
    ArrayDeque<Runnable> waiting = questioned.remove(queue);
    if (waiting != null) {
      waiting.forEach(Runnable::run);
    }
  }

  private void release(TopologyCommand.ReleaseConnection release) {
    Set<QueueEntry> owned = exclusive.remove(release.connection());
    if (owned != null) {
      List<QueueEntry> queues = new ArrayList<>(owned);
      for (QueueEntry queue : queues) {
        ReplyTo<SealReply> nobody = new ReplyTo<>(room, _ -> {});
        room.send(queue.room().loop(), new Seal(queue.room(), false, false, nobody));
        remove(queue);
      }
    }
    reply(release, new Done());
  }

  @Override
  public <T> void gone(QueueAddress queue, ReplyTo<T> reply, T answer) {
    QueueEntry entry = entries.get(queue);
    if (entry != null) {
      remove(entry);
    }
    journal.answer(reply.room(), reply.with(answer));
  }

  /** Takes a queue that has ended out of every list, with its bindings. */
  private void remove(QueueEntry queue) {
    if (queue.vhost().remove(queue)) {
      exchanges.queueGone(queue);
      account.removed(queue);
      journal.removed(queue);
    }
    entries.remove(queue.room());
    Owner owner = queue.owner();
    if (owner != null) {
      Set<QueueEntry> owned = exclusive.get(owner);
      if (owned != null) {
        owned.remove(queue);
        if (owned.isEmpty()) {
          exclusive.remove(owner);
        }
      }
    }
  }

  @Override
  public void close() {
    room.close();
  }
}
