package org.warrenmq.admin;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.http.HandLogins;
import org.warrenmq.admin.node.Caller;
import org.warrenmq.admin.node.Definition;
import org.warrenmq.admin.node.DefinitionCommands;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.admin.node.MessageAccess;
import org.warrenmq.admin.node.NodeCommands;
import org.warrenmq.admin.node.NodeView;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.Properties;

/** A node of made-up things, on which every command succeeds and changes nothing. Any thread. */
final class HandNode implements NodeView, NodeCommands, MessageAccess {
  static final String NAME = "rabbit@hand";

  /** What happens before anybody hears which queues there are. */
  volatile Runnable beforeQueues = () -> {};

  private final int queueCount;

  HandNode(int queues) {
    queueCount = queues;
  }

  @Override
  public Facts.Node node() {
    return new Facts.Node(
        NAME,
        "hand",
        "RabbitMQ",
        "4",
        "hand",
        0,
        0,
        0,
        "",
        "",
        null,
        0,
        0,
        "",
        List.of(),
        List.of(),
        List.of());
  }

  @Override
  public String nodeName() {
    return NAME;
  }

  @Override
  public List<Facts.Vhost> vhosts() {
    return List.of(Objects.requireNonNull(vhost(HandLogins.VHOST)));
  }

  @Override
  public Facts.@Nullable Vhost vhost(String name) {
    return name.equals(HandLogins.VHOST)
        ? new Facts.Vhost(name, Facts.VhostTraits.NONE, Map.of())
        : null;
  }

  @Override
  public List<Facts.User> users() {
    return List.of();
  }

  @Override
  public Facts.@Nullable User user(String name) {
    return null;
  }

  @Override
  public List<Facts.Exchange> exchanges(String vhost) {
    return List.of();
  }

  @Override
  public Facts.@Nullable Exchange exchange(String vhost, String name) {
    return null;
  }

  @Override
  public List<Facts.Queue> queues(String vhost) {
    beforeQueues.run();
    return IntStream.range(0, queueCount)
        .mapToObj(
            i ->
                new Facts.Queue(
                    vhost,
                    "queue-" + i,
                    "classic",
                    true,
                    false,
                    FieldTable.EMPTY,
                    Facts.Applied.NONE,
                    null))
        .toList();
  }

  @Override
  public Facts.@Nullable Queue queue(String vhost, String name) {
    return null;
  }

  @Override
  public List<Facts.@Nullable QueueCounts> counts(List<Facts.Queue> queues) {
    return queues.stream()
        .<Facts.@Nullable QueueCounts>map(
            queue -> new Facts.QueueCounts(Long.parseLong(queue.name().split("-")[1]), 0, 0))
        .toList();
  }

  @Override
  public List<Facts.Binding> bindings(String vhost) {
    return List.of();
  }

  @Override
  public List<Facts.Binding> bindingsFrom(String vhost, String exchange) {
    return List.of();
  }

  @Override
  public List<Facts.Binding> bindingsTo(String vhost, String destination, boolean toQueue) {
    return List.of();
  }

  @Override
  public boolean isBound(Facts.Binding binding) {
    return false;
  }

  @Override
  public Facts.@Nullable Policy policy(Facts.PolicyKind kind, String vhost, String name) {
    return null;
  }

  @Override
  public Facts.@Nullable Parameter parameter(
      @Nullable String vhost, String component, String name) {
    return null;
  }

  @Override
  public DefinitionCommands definitions() {
    return new DefinitionCommands() {
      @Override
      public List<@Nullable String> carryOut(List<Definition> some) {
        return Collections.nCopies(some.size(), null);
      }

      @Override
      public @Nullable String fault(Definition definition) {
        return null;
      }

      @Override
      public List<String> withoutEffect(Definition definition) {
        return List.of();
      }

      @Override
      public boolean isPassword(String user, String password) {
        return false;
      }
    };
  }

  @Override
  public List<Facts.Connection> connections() {
    return List.of();
  }

  @Override
  public List<Facts.Policy> policies(Facts.PolicyKind kind, String vhost) {
    return List.of();
  }

  @Override
  public void setPolicy(Facts.Policy policy) {}

  @Override
  public void clearPolicy(Facts.PolicyKind kind, String vhost, String name) {}

  @Override
  public List<Facts.Parameter> parameters() {
    return List.of();
  }

  @Override
  public List<Facts.Parameter> globalParameters() {
    return List.of();
  }

  @Override
  public Predicate<String> matching(String regex) {
    return Pattern.compile(regex).asPredicate();
  }

  @Override
  public void putVhost(String name, Facts.VhostTraits traits) {}

  @Override
  public void deleteVhost(String name) {}

  @Override
  public void protectVhost(String name, boolean isProtected) {}

  @Override
  public void limitVhost(String name, Map<String, Integer> limits) {}

  @Override
  public void putUser(String name, Password password, List<String> tags) {}

  @Override
  public void addUser(String name, Password password, List<String> tags) {}

  @Override
  public void changePassword(String name, Password password) {}

  @Override
  public void setTags(String name, List<String> tags) {}

  @Override
  public void deleteUser(String name) {}

  @Override
  public void limitUser(String name, Map<String, Integer> limits) {}

  @Override
  public void setPermissions(String user, String vhost, Facts.Resources resources) {}

  @Override
  public void clearPermissions(String user, String vhost) {}

  @Override
  public void setTopicPermissions(
      String user, String vhost, String exchange, Facts.Topics topics) {}

  @Override
  public void clearTopicPermissions(String user, String vhost, @Nullable String exchange) {}

  @Override
  public String hash(String password) {
    return "";
  }

  @Override
  public void declareExchange(Facts.Exchange exchange) {}

  @Override
  public void deleteExchange(String vhost, String name, boolean ifUnused) {}

  @Override
  public void declareQueue(
      String vhost, String name, boolean durable, boolean autoDelete, FieldTable arguments) {
    if (name.equals("broken")) {
      throw new IllegalStateException("as if there were a bug");
    }
  }

  @Override
  public void deleteQueue(String vhost, String name, boolean ifUnused, boolean ifEmpty) {}

  @Override
  public void purge(String vhost, String queue) {}

  @Override
  public void bind(Facts.Binding binding) {}

  @Override
  public void unbind(Facts.Binding binding) {}

  @Override
  public void setParameter(Facts.Parameter parameter) {}

  @Override
  public void clearParameter(@Nullable String vhost, String component, String name) {}

  @Override
  public void closeConnections(List<String> names, String reason) {}

  @Override
  public void backup(Path target) {}

  @Override
  public Outcome publish(
      Caller by,
      String vhost,
      String exchange,
      String routingKey,
      Properties properties,
      byte[] payload) {
    return Outcome.ROUTED;
  }

  @Override
  public List<Got> get(
      Caller by, String vhost, String queue, int count, AckMode mode, int truncate) {
    return List.of();
  }
}
