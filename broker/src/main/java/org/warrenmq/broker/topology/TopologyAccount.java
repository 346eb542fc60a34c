package org.warrenmq.broker.topology;

import static org.warrenmq.codec.ReplyCode.RESOURCE_ERROR;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.warrenmq.codec.ConnectionError;
import org.warrenmq.engine.loop.LoopAccount;
import org.warrenmq.engine.loop.LoopAccount.Kind;
import org.warrenmq.engine.loop.NodeMemory;
import org.warrenmq.router.ExchangeSpec;
import org.warrenmq.store.StoreException;

/**
 * What the node's memory is charged with for virtual hosts, queues, exchanges, bindings, users,
 * policies and parameters, and how many of them there may be: what remains is for messages and
 * clients. Lives in the topology's room.
 */
final class TopologyAccount {
  /** The part of the memory for clients that they may take, in percent. */
  private static final int MOST_PERCENT = 60;

  /** What an earlier run left may take more, but not so much that publishers could only wait. */
  private static final int MOST_RESTORED_PERCENT = 80;

  // Bytes that each takes without names, keys and arguments, about; with its places in tables.
  private static final int QUEUE = 800;
  private static final int EXCHANGE = 350;
  private static final int DELAYS = 2_000;
  private static final int VHOST = 1_000;
  private static final int BINDING = 200;

  /** A word of a binding's key: a step in a topic exchange's tree, where it is one. */
  private static final int WORD = 100;

  /** A headers exchange keeps a binding's arguments so many times: as they are, and as an index. */
  private static final int CONDITIONS = 3;

  /** So many bytes of what is gone may be kept by somebody who remembers it. */
  private static final long MUCH_GONE = 4 << 20;

  private final LoopAccount account;
  private final List<Runnable> rememberers = new CopyOnWriteArrayList<>();

  /** What went since they were told. */
  private long gone;

  TopologyAccount(NodeMemory node) {
    account = new LoopAccount(node);
  }

  /**
   * A queue is to be added.
   *
   * @throws ConnectionError when there is no room for it
   */
  void checkRoom(QueueSpec queue) {
    checkRoom(cost(queue));
  }

  /** A virtual host is to be added; as above. */
  void checkRoomForVhost(String name) {
    checkRoom(costOfVhost(name));
  }

  /** An exchange is to be added; as above. */
  void checkRoom(ExchangeSpec exchange) {
    checkRoom(cost(exchange));
  }

  /** A binding is to be added; as above. */
  void checkRoom(BindingSpec binding) {
    checkRoom(cost(binding));
  }

  private long most(int percent) {
    return account.node().budget() / 100 * percent;
  }

  private void checkRoom(long cost) {
    if (account.held(Kind.TOPOLOGY) + cost > most(MOST_PERCENT)) {
      throw new ConnectionError(
          RESOURCE_ERROR, "memory for queues, exchanges and bindings is used up");
    }
  }

  /**
   * Something of an earlier run was added, whose heap may have been larger.
   *
   * @throws StoreException when clients would have no room beside it, not even to delete it
   */
  void checkRestored() {
    if (account.held(Kind.TOPOLOGY) > most(MOST_RESTORED_PERCENT)) {
      throw new StoreException(
          "queues, exchanges and bindings take more than %d MB, which is what a heap of %d MB has for"
                  .formatted(
                      most(MOST_RESTORED_PERCENT) >> 20, Runtime.getRuntime().maxMemory() >> 20)
              + " them: a larger -Xmx in WARREN_JAVA_OPTS gives them more");
    }
  }

  /** Something about users is to be added that takes so many bytes; as above. */
  void checkRoomForUsers(long bytes) {
    checkRoom(bytes);
  }

  /** What is known of users takes so many bytes more, or less when negative. */
  void usersTake(long bytes) {
    if (bytes >= 0) {
      account.charge(Kind.TOPOLOGY, bytes);
    } else {
      giveBack(-bytes);
    }
  }

  /** A policy or parameter is to be added that takes so many bytes; as above. */
  void checkRoomForParameter(long bytes) {
    checkRoom(bytes);
  }

  /** Policies and parameters take so many bytes more, or less when negative. */
  void parametersTake(long bytes) {
    usersTake(bytes);
  }

  void addedVhost(String name) {
    account.charge(Kind.TOPOLOGY, costOfVhost(name));
  }

  void removedVhost(String name) {
    giveBack(costOfVhost(name));
  }

  void added(QueueSpec queue) {
    account.charge(Kind.TOPOLOGY, cost(queue));
  }

  void removed(QueueSpec queue) {
    giveBack(cost(queue));
  }

  private void giveBack(long cost) {
    account.charge(Kind.TOPOLOGY, -cost);
    gone += cost;
    if (gone >= MUCH_GONE) {
      gone = 0;
      rememberers.forEach(Runnable::run);
    }
  }

  /** Runs something whenever much is gone that somebody may remember. Any thread. */
  void whenMuchIsGone(Runnable action) {
    rememberers.add(action);
  }

  void added(ExchangeSpec exchange) {
    account.charge(Kind.TOPOLOGY, cost(exchange));
  }

  void removed(ExchangeSpec exchange) {
    giveBack(cost(exchange));
  }

  void added(BindingSpec binding) {
    account.charge(Kind.TOPOLOGY, cost(binding));
  }

  void removed(BindingSpec binding) {
    giveBack(cost(binding));
  }

  private static long costOfVhost(String name) {
    return (long) VHOST + name.length();
  }

  private static long cost(QueueSpec queue) {
    return QUEUE + queue.name().length() + queue.arguments().sizeInMemory();
  }

  private static long cost(ExchangeSpec exchange) {
    return EXCHANGE
        + (exchange.isDelaying() ? DELAYS : 0)
        + exchange.name().length()
        + exchange.arguments().sizeInMemory();
  }

  private static long cost(BindingSpec binding) {
    String key = binding.routingKey();
    long words = 1 + key.chars().filter(c -> c == '.').count();
    return BINDING
        + WORD * words
        + 2L * key.length()
        + CONDITIONS * binding.arguments().sizeInMemory();
  }
}
