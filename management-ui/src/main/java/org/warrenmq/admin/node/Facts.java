package org.warrenmq.admin.node;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;

/** What is known of the things of a node, as of the moment it was asked. All immutable. */
public final class Facts {
  private Facts() {}

  /**
   * The node itself.
   *
   * @param name as RabbitMQ's nodes are called: {@code rabbit@host}
   * @param product what it passes for, which clients look at
   * @param version of that product
   * @param broker who really answers, with its own version
   * @param memoryHeld bytes held for clients
   * @param memoryLimit bytes that may be held
   */
  public record Node(
      String name,
      String clusterName,
      String product,
      String version,
      String broker,
      long startedAt,
      long memoryHeld,
      long memoryLimit,
      String memoryLevel,
      String memoryByKind,
      @Nullable String alarm,
      long diskFree,
      long diskFreeLimit,
      String dataFolder,
      List<Listener> listeners,
      List<String> exchangeTypes,
      List<String> mechanisms) {}

  /** Where clients are let in. */
  public record Listener(String protocol, String address, int port) {}

  /**
   * A virtual host.
   *
   * @param limits those that are set, by RabbitMQ's names
   */
  public record Vhost(String name, VhostTraits traits, Map<String, Integer> limits) {}

  /**
   * What is noted of a virtual host.
   *
   * @param defaultQueueType of queues that name none, or null
   * @param isProtected whether it cannot be deleted
   */
  public record VhostTraits(
      String description,
      List<String> tags,
      @Nullable String defaultQueueType,
      boolean isProtected) {
    public static final VhostTraits NONE = new VhostTraits("", List.of(), null, false);
  }

  /**
   * A user.
   *
   * @param limits those that are set, by RabbitMQ's names
   * @param grants by virtual host
   */
  public record User(
      String name,
      String passwordHash,
      String hashingAlgorithm,
      List<String> tags,
      Map<String, Integer> limits,
      Map<String, Grant> grants) {}

  /**
   * What a user may do in a virtual host.
   *
   * @param resources null if it may not be opened
   * @param topics by exchange
   */
  public record Grant(@Nullable Resources resources, Map<String, Topics> topics) {}

  /** Three regular expressions for names. */
  public record Resources(String configure, String write, String read) {}

  /** Two regular expressions for routing keys. */
  public record Topics(String write, String read) {}

  public record Exchange(
      String vhost,
      String name,
      String type,
      boolean durable,
      boolean autoDelete,
      boolean internal,
      FieldTable arguments,
      Applied policies) {}

  /**
   * A queue.
   *
   * @param owner the name of the connection it belongs to; empty for one that is not known by name,
   *     null for a queue that is not exclusive
   */
  public record Queue(
      String vhost,
      String name,
      String type,
      boolean durable,
      boolean autoDelete,
      FieldTable arguments,
      Applied policies,
      @Nullable String owner) {}

  /** What a queue holds. */
  public record QueueCounts(long ready, long unacknowledged, int consumers) {}

  /**
   * A binding.
   *
   * @param source empty for the default exchange
   */
  public record Binding(
      String vhost,
      String source,
      String destination,
      boolean toQueue,
      String routingKey,
      FieldTable arguments) {}

  /**
   * An open connection of a client.
   *
   * @param connectedAt milliseconds since 1970
   */
  public record Connection(
      String name,
      String user,
      String vhost,
      String state,
      Endpoint client,
      Endpoint server,
      long connectedAt,
      int channelMax,
      int frameMax,
      int heartbeat,
      FieldTable clientProperties,
      List<Channel> channels) {}

  /** An end of a connection. */
  public record Endpoint(String host, int port) {}

  public record Channel(
      int number,
      boolean confirm,
      boolean transactional,
      int prefetch,
      int globalPrefetch,
      long unacknowledged,
      List<Consumer> consumers) {}

  public record Consumer(
      String tag,
      String queue,
      boolean ackRequired,
      boolean exclusive,
      int prefetch,
      FieldTable arguments) {}

  /**
   * Something that is kept for others by name.
   *
   * @param vhost null for one that is the whole node's
   * @param component empty for one that is the whole node's
   */
  public record Parameter(
      @Nullable String vhost, String component, String name, FieldValue value) {}

  /** Of each kind one policy holds for a queue or exchange, and both together. */
  public enum PolicyKind {
    POLICY,
    OPERATOR
  }

  /** What queues and exchanges go by whose names match. */
  public record Policy(
      PolicyKind kind,
      String vhost,
      String name,
      String pattern,
      String applyTo,
      FieldValue priority,
      FieldTable definition) {}

  /**
   * The policies that hold for a queue or exchange.
   *
   * @param policy by name, or null
   * @param operator by name, or null
   * @param definition what they say together
   */
  public record Applied(@Nullable String policy, @Nullable String operator, FieldTable definition) {
    public static final Applied NONE = new Applied(null, null, FieldTable.EMPTY);
  }
}
