package org.warrenmq.broker.topology;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.auth.Accounts;
import org.warrenmq.broker.config.FirstRights;
import org.warrenmq.broker.config.NodeLimits;
import org.warrenmq.broker.config.VhostDefaults;
import org.warrenmq.broker.topology.TopologyChange.Addition;
import org.warrenmq.broker.topology.TopologyChange.VhostAdded;
import org.warrenmq.broker.topology.TopologyChange.VhostAddition;
import org.warrenmq.broker.topology.TopologyCommand.AccountCommand;
import org.warrenmq.broker.topology.TopologyCommand.Bind;
import org.warrenmq.broker.topology.TopologyCommand.ClearPolicy;
import org.warrenmq.broker.topology.TopologyCommand.CreateVhost;
import org.warrenmq.broker.topology.TopologyCommand.DeclareExchange;
import org.warrenmq.broker.topology.TopologyCommand.DeclareQueue;
import org.warrenmq.broker.topology.TopologyCommand.DeleteExchange;
import org.warrenmq.broker.topology.TopologyCommand.DeleteQueue;
import org.warrenmq.broker.topology.TopologyCommand.DeleteVhost;
import org.warrenmq.broker.topology.TopologyCommand.ParameterCommand;
import org.warrenmq.broker.topology.TopologyCommand.ReleaseConnection;
import org.warrenmq.broker.topology.TopologyCommand.SetPolicy;
import org.warrenmq.broker.topology.TopologyCommand.SetVhostLimits;
import org.warrenmq.broker.topology.TopologyCommand.Unbind;
import org.warrenmq.broker.topology.TopologyReply.Done;
import org.warrenmq.broker.topology.TopologyReply.Refused;
import org.warrenmq.codec.AmqpError;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.loop.Mail;
import org.warrenmq.engine.loop.NodeMemory;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.MessageStore;
import org.warrenmq.engine.queue.QueueAddress;
import org.warrenmq.engine.queue.QueueCommand.Halt;
import org.warrenmq.engine.queue.QueueOwner;
import org.warrenmq.engine.queue.Queues;
import org.warrenmq.router.Exchange;
import org.warrenmq.router.ExchangeTypes;
import org.warrenmq.store.QueueState;
import org.warrenmq.store.Recovered;
import org.warrenmq.store.ScheduleState;
import org.warrenmq.store.StoreException;
import org.warrenmq.store.WindowState;

/**
 * The door of the control room: takes {@link TopologyCommand}s, one after the other, to those who
 * decide about each kind, and looks after start and stop. Lives in the {@link TopologyRoom}, and
 * never waits.
 *
 * <p>What is decided is a {@link TopologyChange}, made by {@link Decisions} and read by everybody
 * in the {@link Catalogue}. A start reads the same changes from the disk, and makes them there.
 */
public final class Topology implements QueueOwner, AutoCloseable {
  private final TopologyRoom room = new TopologyRoom();
  private static final String CLUSTER_NAME = "cluster_name";

  private final QueueHomes homes;
  private final DefinitionJournal journal;
  private final TopologyAccount account;
  private final Catalogue catalogue;
  private final Decisions decisions;
  private final VhostBeginnings beginnings;
  private final VhostCommands vhosts;
  private final ExchangeCommands exchanges;
  private final BindingCommands bindings;
  private final QueueCommands queues;
  private final AccountCommands users;
  private final PolicyCommands policies;
  private final ParameterCommands parameters;
  private final CommandRules rules;

  /**
   * @param store where durable objects are kept
   * @param memory charged with what there is, and its bound
   * @param expireAtHeadOnly whether messages that are due stay in their queue behind others
   */
  public Topology(
      ExchangeTypes types, MessageStore store, NodeMemory memory, boolean expireAtHeadOnly) {
    this(types, store, memory, expireAtHeadOnly, NodeLimits.NONE, VhostDefaults.NONE);
  }

  /**
   * @param store where durable objects are kept
   * @param memory charged with what there is, and its bound
   * @param expireAtHeadOnly whether messages that are due stay in their queue behind others
   * @param limits how much there may be of everything
   * @param newVhosts what virtual hosts begin with
   */
  public Topology(
      ExchangeTypes types,
      MessageStore store,
      NodeMemory memory,
      boolean expireAtHeadOnly,
      NodeLimits limits,
      VhostDefaults newVhosts) {
    homes = new QueueHomes(this, this::vhost, expireAtHeadOnly);
    journal = new DefinitionJournal(room, store);
    account = new TopologyAccount(memory);
    catalogue = new Catalogue(types, account, homes::open, homes::openRooms);
    decisions = new Decisions(catalogue, journal);
    NodeRoom left = new NodeRoom(catalogue, limits);
    queues = new QueueCommands(room, catalogue, decisions, account, left, this::handle);
    beginnings = new VhostBeginnings(catalogue, decisions, newVhosts);
    vhosts =
        new VhostCommands(catalogue, decisions, account, left, beginnings, queues, this::handle);
    exchanges = new ExchangeCommands(types, catalogue, decisions, account, left);
    bindings = new BindingCommands(room, homes, catalogue, decisions, account);
    users = new AccountCommands(catalogue, decisions, account);
    policies = new PolicyCommands(room, catalogue, decisions, account);
    parameters = new ParameterCommands(catalogue, decisions, account, vhosts);
    rules = new CommandRules(types);
  }

  /**
   * Runs something, in the topology's room, whenever so much was deleted that what others remember
   * of it should be forgotten. Any thread.
   */
  public void whenMuchIsGone(Runnable action) {
    account.whenMuchIsGone(action);
  }

  /** Tells somebody, in the topology's room, of each virtual host that goes. Before the start. */
  public void whenVhostGoes(Consumer<VirtualHost> somebody) {
    vhosts.whenGoing(somebody);
  }

  /** Tells somebody, in the topology's room, of each user that is deleted. Before the start. */
  public void whenUserGoes(Consumer<String> somebody) {
    users.whenGoing(somebody);
  }

  /** Tells somebody, in the topology's room, of every change that is made. Before the start. */
  void follow(Consumer<TopologyChange> somebody) {
    decisions.follow(somebody);
  }

  /**
   * Brings back what an earlier run left; before the start, on the node's main thread.
   *
   * @param loops for the queues to live on
   * @param defaultVhost the virtual host that exists when there was no earlier run; null when it
   *     will be made otherwise
   * @throws StoreException when a definition does not read back, or there is no memory for all
   * @throws IllegalStateException when a definition builds on what is not there
   */
  public void restore(Recovered recovered, List<LoopStore> loops, @Nullable String defaultVhost) {
    homes.are(loops);
    for (QueueState state : recovered.queues()) {
      homes.left(state);
      catalogue.usedQueueId(Queues.queueId(state.queueId()));
    }
    for (ScheduleState state : recovered.schedules()) {
      homes.left(state);
      catalogue.usedQueueId(state.queueId());
    }
    for (WindowState state : recovered.windows()) {
      homes.left(state);
      catalogue.usedQueueId(state.queueId());
    }
    List<Recovered.Definition> definitions = recovered.definitions();
    // They are ordered by kind. Without any, there was no run, or one of a time when virtual hosts
    // were not kept, but only named. Who kept users kept virtual hosts, though all may have gone.
    int first = definitions.isEmpty() ? -1 : definitions.getFirst().key().kind();
    boolean vhostsAreKept = first == VhostDefinition.KIND || first == AccountsDefinition.KIND;
    if (!vhostsAreKept && defaultVhost != null) {
      decisions.make(new VhostAdded(defaultVhost));
    }
    // What holds for queues and exchanges must be there before them.
    restore(definitions, Topology::isBeforeQueues, vhostsAreKept);
    restore(definitions, kind -> !isBeforeQueues(kind), vhostsAreKept);
    for (VirtualHost vhost : catalogue.vhosts()) {
      // Some are there with the virtual host.
      vhost.exchanges().exchanges().forEach(exchange -> Catalogue.applyPolicies(vhost, exchange));
    }
    // Written in one go with the end of its definition: there should be none.
    homes.left().forEach(journal::dropQueue);
    homes.startRooms();
  }

  private static boolean isBeforeQueues(int kind) {
    return kind == VhostDefinition.KIND || kind == PolicyDefinition.KIND;
  }

  /**
   * @param kinds those that come back now
   */
  private void restore(
      List<Recovered.Definition> definitions, IntPredicate kinds, boolean vhostsAreKept) {
    // One after the other: together they may be more than the heap has room for.
    for (Recovered.Definition definition : definitions) {
      if (!kinds.test(definition.key().kind())) {
        continue;
      }
      Addition addition = read(definition);
      if (!vhostsAreKept
          && addition instanceof VhostAddition there
          && catalogue.vhost(there.vhost()) == null) {
        decisions.make(new VhostAdded(there.vhost()));
      }
      catalogue.apply(addition);
      account.checkRestored();
    }
  }

  private Addition read(Recovered.Definition definition) {
    byte[] value = definition.value();
    return switch (definition.key().kind()) {
      case VhostDefinition.KIND -> VhostDefinition.read(value);
      case ExchangeDefinition.KIND -> ExchangeDefinition.read(value);
      case QueueDefinition.KIND -> QueueDefinition.read(value, homes.count());
      case BindingDefinition.KIND -> BindingDefinition.read(value);
      case AccountsDefinition.KIND -> AccountsDefinition.read(value);
      case UserDefinition.KIND -> UserDefinition.read(value);
      case PermissionDefinition.KIND -> PermissionDefinition.read(value);
      case TopicPermissionDefinition.KIND -> TopicPermissionDefinition.read(value);
      case VhostLimitsDefinition.KIND -> VhostLimitsDefinition.read(value);
      case VhostTraitsDefinition.KIND -> VhostTraitsDefinition.read(value);
      case PolicyDefinition.KIND -> PolicyDefinition.read(value);
      case ParameterDefinition.KIND -> ParameterDefinition.read(value);
      case GlobalParameterDefinition.KIND -> GlobalParameterDefinition.read(value);
      default ->
          throw new StoreException("a definition of unknown kind " + definition.key().kind());
    };
  }

  /**
   * There is a first user, unless an earlier run kept users; after {@link #restore}, in the same
   * way.
   */
  public void beginAccounts(String user, String password, FirstRights rights) {
    if (users.begin(user, password, rights)) {
      catalogue.vhosts().forEach(beginnings::apply);
    }
  }

  /** With a user who may do everything. */
  void beginAccounts(String user, String password) {
    beginAccounts(user, password, FirstRights.ALL);
  }

  /** The users, and what they may do. Any thread. */
  public Accounts accounts() {
    return catalogue.accounts().accounts();
  }

  /** How many event loops there are for queues to live on. Any thread, after {@link #restore}. */
  public int homes() {
    return homes.count();
  }

  /** What can be said of a command before it is carried out. Any thread. */
  public CommandRules rules() {
    return rules;
  }

  /**
   * What the node's cluster is called. Any thread.
   *
   * @param otherwise where nobody has said it since the first start
   */
  public String clusterName(String otherwise) {
    FieldValue name = catalogue.policies().global(CLUSTER_NAME);
    return name instanceof FieldValue.LongString text ? text.value() : otherwise;
  }

  /** The parameters of the node by name, at about this time. Any thread. */
  public Map<String, FieldValue> globalParameters() {
    return catalogue.policies().globals();
  }

  /** All virtual hosts at about this time. Any thread. */
  public List<VirtualHost> vhosts() {
    return catalogue.vhosts().stream().filter(vhost -> !vhost.isDeleted()).toList();
  }

  public void start() {
    room.start(journal::submit);
  }

  /**
   * The node stops: mail that tells each durable queue and all that exchanges keep, by the loop it
   * is for. Any thread.
   */
  public Map<RoomLoop, List<Mail>> stopQueues() {
    Map<RoomLoop, List<Mail>> mail = new HashMap<>();
    for (VirtualHost vhost : catalogue.vhosts()) {
      for (QueueEntry queue : vhost.queues()) {
        if (queue.spec().durable()) {
          mail.computeIfAbsent(queue.room().loop(), _ -> new ArrayList<>())
              .add(new Halt(queue.room()));
        }
      }
      for (Exchange exchange : vhost.exchanges().exchanges()) {
        for (RoomEntry kept : Catalogue.entries(exchange)) {
          mail.computeIfAbsent(kept.room().loop(), _ -> new ArrayList<>())
              .add(new Halt(kept.room()));
        }
      }
    }
    return mail;
  }

  /** The virtual host of that name to work in, or null. Any thread. */
  public @Nullable VirtualHost vhost(String name) {
    VirtualHost vhost = catalogue.vhost(name);
    return vhost == null || vhost.isDeleted() ? null : vhost;
  }

  @Override
  public TopologyRoom room() {
    return room;
  }

  /** The mail that brings a request here. */
  public Mail mail(TopologyRequest request) {
    return () -> handle(request);
  }

  private void handle(TopologyRequest request) {
    assert room.inRoom();
    try {
      decide(request);
    } catch (AmqpError error) {
      decisions.answer(request, new Refused(error));
    }
  }

  private void decide(TopologyRequest request) {
    switch (request.command()) {
      case CreateVhost create -> vhosts.create(create, request);
      case DeleteVhost delete -> vhosts.delete(delete, request);
      case DeclareExchange declare -> done(request, () -> exchanges.declare(declare));
      case DeleteExchange delete -> done(request, () -> exchanges.delete(delete));
      case Bind bind -> {
        if (!queues.isDeferred(queue(bind.vhost(), bind.binding()), request)) {
          bindings.bind(bind, () -> decisions.answer(request, new Done()));
        }
      }
      case Unbind unbind -> {
        if (!queues.isDeferred(queue(unbind.vhost(), unbind.binding()), request)) {
          done(request, () -> bindings.unbind(unbind));
        }
      }
      case DeclareQueue declare -> queues.declare(declare, request);
      case DeleteQueue delete -> queues.delete(delete, request);
      case SetVhostLimits limit -> done(request, () -> vhosts.limit(limit));
      case SetPolicy set -> policies.set(set, request);
      case ClearPolicy clear -> policies.clear(clear, request);
      case ParameterCommand command -> done(request, () -> parameters.carryOut(command));
      case AccountCommand command -> done(request, () -> users.carryOut(command));
      case ReleaseConnection release -> done(request, () -> queues.release(release));
    }
  }

  private void done(TopologyRequest request, Runnable decision) {
    decision.run();
    decisions.answer(request, new Done());
  }

  /** The queue that a binding leads to, or null. */
  private @Nullable QueueEntry queue(String vhost, BindingSpec binding) {
    return binding.toQueue() ? catalogue.required(vhost).queue(binding.destination()) : null;
  }

  @Override
  public <T> void gone(QueueAddress address, ReplyTo<T> reply, T answer) {
    QueueEntry queue = catalogue.at(address);
    if (queue != null) {
      queues.remove(queue);
    }
    decisions.tell(reply.room(), reply.with(answer));
  }

  @Override
  public void close() {
    room.close();
  }
}
