package org.warrenmq.admin.definitions;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.http.ArgumentsJson;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.admin.node.Facts.PolicyKind;
import org.warrenmq.admin.node.NodeView;
import org.warrenmq.codec.FieldTable;

/**
 * Writes what there is on a node as a document, with RabbitMQ's fields in RabbitMQ's order; piece
 * by piece, each list when it is its turn. Immutable; on threads that may wait.
 *
 * @param vhost the one that is exported; null for the whole node
 */
public record DefinitionExport(NodeView view, @Nullable String vhost) {
  /** Noted by an import at a start, and of no use elsewhere. */
  public static final String IMPORTED_HASH = "imported_definition_hash_value";

  private static final String VHOST = "vhost";
  private static final String ARGUMENTS = "arguments";

  /** A list of the document, made of others: no two of them are in memory at once. */
  private record Part(String key, List<Supplier<Stream<JsonObject>>> groups) {
    static Part of(String key, Supplier<Stream<JsonObject>> all) {
      return new Part(key, List.of(all));
    }
  }

  /** The text of the document, in pieces. */
  public Iterator<String> pieces() {
    String head = head().encode();
    List<Supplier<Iterator<String>>> pieces = new ArrayList<>();
    pieces.add(() -> List.of(head.substring(0, head.length() - 1)).iterator());
    for (Part part : parts()) {
      String[] before = {",\"" + part.key + "\":["};
      for (Supplier<Stream<JsonObject>> group : part.groups) {
        pieces.add(
            () ->
                group
                    .get()
                    .map(
                        each -> {
                          String text = before[0] + each.encode();
                          before[0] = ",";
                          return text;
                        })
                    .iterator());
      }
      pieces.add(() -> List.of(before[0].equals(",") ? "]" : before[0] + "]").iterator());
    }
    pieces.add(() -> List.of("}").iterator());
    return new Chain(pieces.iterator());
  }

  /** Iterators, one after the other, each made when the one before has ended. */
  private static final class Chain implements Iterator<String> {
    private final Iterator<Supplier<Iterator<String>>> others;
    private Iterator<String> now = Collections.emptyIterator();

    Chain(Iterator<Supplier<Iterator<String>>> all) {
      others = all;
    }

    @Override
    public boolean hasNext() {
      while (!now.hasNext() && others.hasNext()) {
        now = others.next().get();
      }
      return now.hasNext();
    }

    @Override
    public String next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return now.next();
    }
  }

  private List<Part> parts() {
    List<Part> parts = new ArrayList<>();
    if (vhost == null) {
      parts.add(Part.of("users", this::users));
      parts.add(Part.of("vhosts", this::vhosts));
      parts.add(Part.of("permissions", this::permissions));
      parts.add(Part.of("topic_permissions", this::topicPermissions));
    }
    parts.add(Part.of("parameters", this::parameters));
    if (vhost == null) {
      parts.add(Part.of("global_parameters", this::globalParameters));
    }
    parts.add(Part.of("policies", this::policies));
    parts.add(inEach("queues", this::queues));
    parts.add(inEach("exchanges", this::exchanges));
    parts.add(inEach("bindings", this::bindings));
    return parts;
  }

  private Part inEach(String key, Function<String, Stream<JsonObject>> there) {
    return new Part(
        key, names().<Supplier<Stream<JsonObject>>>map(name -> () -> there.apply(name)).toList());
  }

  private JsonObject head() {
    Facts.Node node = view.node();
    JsonObject head =
        new JsonObject()
            .put("rabbit_version", node.version())
            .put("rabbitmq_version", node.version())
            .put("product_name", node.product())
            .put("product_version", node.version());
    if (vhost == null) {
      return head.put("rabbitmq_definition_format", "cluster")
          .put("original_cluster_name", node.clusterName())
          .put("explanation", "Definitions of cluster '" + node.clusterName() + "'");
    }
    head.put("rabbitmq_definition_format", "single_virtual_host")
        .put("original_vhost_name", vhost)
        .put("explanation", "Definitions of virtual host '" + vhost + "'");
    Facts.Vhost one = view.vhost(vhost);
    if (one != null) {
      head.put("metadata", metadata(one.traits()))
          .put("description", one.traits().description())
          .put("default_queue_type", type(one.traits()))
          .put("limits", numbers(one.limits()));
    }
    return head;
  }

  private static JsonObject numbers(Map<String, Integer> numbers) {
    JsonObject object = new JsonObject();
    numbers.forEach(object::put);
    return object;
  }

  private static String type(Facts.VhostTraits traits) {
    return traits.defaultQueueType() == null ? "classic" : traits.defaultQueueType();
  }

  private static JsonObject metadata(Facts.VhostTraits traits) {
    JsonObject metadata =
        new JsonObject()
            .put("description", traits.description())
            .put("tags", new JsonArray(traits.tags()))
            .put("default_queue_type", type(traits));
    return traits.isProtected() ? metadata.put("protected_from_deletion", true) : metadata;
  }

  // The lists of the whole node.

  private Stream<JsonObject> users() {
    return view.users().stream()
        .map(
            user ->
                new JsonObject()
                    .put("name", user.name())
                    .put("password_hash", user.passwordHash())
                    .put("hashing_algorithm", user.hashingAlgorithm())
                    .put("tags", new JsonArray(user.tags()))
                    .put("limits", numbers(user.limits())));
  }

  private Stream<JsonObject> vhosts() {
    return view.vhosts().stream()
        .map(
            one ->
                new JsonObject()
                    .put("name", one.name())
                    .put("description", one.traits().description())
                    .put("metadata", metadata(one.traits()))
                    .put("tags", new JsonArray(one.traits().tags()))
                    .put("default_queue_type", type(one.traits())));
  }

  private Stream<JsonObject> permissions() {
    return view.users().stream()
        .flatMap(
            user ->
                user.grants().entrySet().stream()
                    .filter(grant -> grant.getValue().resources() != null)
                    .map(
                        grant ->
                            permission(user.name(), grant.getKey(), grant.getValue().resources())));
  }

  private static JsonObject permission(
      String user, String vhost, Facts.@Nullable Resources resources) {
    JsonObject permission = new JsonObject().put("user", user).put(VHOST, vhost);
    return resources == null
        ? permission
        : permission
            .put("configure", resources.configure())
            .put("write", resources.write())
            .put("read", resources.read());
  }

  private Stream<JsonObject> topicPermissions() {
    return view.users().stream()
        .flatMap(
            user ->
                user.grants().entrySet().stream()
                    .flatMap(
                        grant ->
                            grant.getValue().topics().entrySet().stream()
                                .map(
                                    topics ->
                                        new JsonObject()
                                            .put("user", user.name())
                                            .put(VHOST, grant.getKey())
                                            .put("exchange", topics.getKey())
                                            .put("write", topics.getValue().write())
                                            .put("read", topics.getValue().read()))));
  }

  private Stream<JsonObject> globalParameters() {
    return view.globalParameters().stream()
        .filter(one -> !one.name().equals(IMPORTED_HASH))
        .map(
            one ->
                new JsonObject()
                    .put("name", one.name())
                    .put("value", ArgumentsJson.of(one.value())));
  }

  // The lists of a virtual host.

  private Stream<String> names() {
    return vhost == null ? view.vhosts().stream().map(Facts.Vhost::name) : Stream.of(vhost);
  }

  /** An object in a virtual host, which the document of that does not repeat. */
  private JsonObject in(String name, JsonObject object) {
    return vhost == null ? object.put(VHOST, name) : object;
  }

  private Stream<JsonObject> parameters() {
    Stream<JsonObject> kept =
        view.parameters().stream()
            .filter(one -> vhost == null || vhost.equals(one.vhost()))
            .map(
                one ->
                    parameter(
                        String.valueOf(one.vhost()),
                        one.component(),
                        one.name(),
                        ArgumentsJson.of(one.value())));
    Stream<JsonObject> operators =
        names()
            .flatMap(name -> view.policies(PolicyKind.OPERATOR, name).stream())
            .map(
                policy ->
                    parameter(
                        policy.vhost(),
                        DefinitionReader.OPERATOR_POLICY,
                        policy.name(),
                        new JsonObject()
                            .put("pattern", policy.pattern())
                            .put("definition", ArgumentsJson.of(policy.definition()))
                            .put("priority", ArgumentsJson.of(policy.priority()))
                            .put("apply-to", policy.applyTo())));
    return Stream.concat(kept, operators);
  }

  private JsonObject parameter(String in, String component, String name, @Nullable Object value) {
    return in(in, new JsonObject().put("value", value))
        .put("component", component)
        .put("name", name);
  }

  private Stream<JsonObject> policies() {
    return names()
        .flatMap(name -> view.policies(PolicyKind.POLICY, name).stream())
        .map(
            policy ->
                in(policy.vhost(), new JsonObject())
                    .put("name", policy.name())
                    .put("pattern", policy.pattern())
                    .put("apply-to", policy.applyTo())
                    .put("definition", ArgumentsJson.of(policy.definition()))
                    .put("priority", ArgumentsJson.of(policy.priority())));
  }

  /** Those that are a connection's own go with it. */
  private Stream<Facts.Queue> lasting(String name) {
    return view.queues(name).stream().filter(queue -> queue.owner() == null);
  }

  private Stream<JsonObject> queues(String name) {
    return lasting(name)
        .map(
            queue ->
                in(name, new JsonObject().put("name", queue.name()))
                    .put("durable", queue.durable())
                    .put("auto_delete", queue.autoDelete())
                    .put(ARGUMENTS, ArgumentsJson.of(typed(queue))));
  }

  /** Where queues that name no type are of another one, a classic one has to say so. */
  private FieldTable typed(Facts.Queue queue) {
    Facts.Vhost there = view.vhost(queue.vhost());
    return there == null || there.traits().defaultQueueType() == null
        ? queue.arguments()
        : Comparison.typed(queue.arguments(), Comparison.CLASSIC);
  }

  /** Without those that every virtual host has. */
  private Stream<JsonObject> exchanges(String name) {
    return view.exchanges(name).stream()
        .filter(exchange -> !exchange.name().isEmpty() && !exchange.name().startsWith("amq."))
        .map(
            exchange ->
                in(name, new JsonObject().put("name", exchange.name()))
                    .put("type", exchange.type())
                    .put("durable", exchange.durable())
                    .put("auto_delete", exchange.autoDelete())
                    .put("internal", exchange.internal())
                    .put(ARGUMENTS, ArgumentsJson.of(exchange.arguments())));
  }

  /** Those that somebody made, of what is exported. */
  private Stream<JsonObject> bindings(String name) {
    Set<String> exclusive = new HashSet<>();
    view.queues(name).stream()
        .filter(queue -> queue.owner() != null)
        .forEach(queue -> exclusive.add(queue.name()));
    List<Facts.Binding> all = view.bindings(name);
    return all.stream()
        .filter(binding -> !binding.source().isEmpty())
        .filter(binding -> !binding.toQueue() || !exclusive.contains(binding.destination()))
        .map(
            binding ->
                in(name, new JsonObject().put("source", binding.source()))
                    .put("destination", binding.destination())
                    .put("destination_type", binding.toQueue() ? "queue" : "exchange")
                    .put("routing_key", binding.routingKey())
                    .put(ARGUMENTS, ArgumentsJson.of(binding.arguments())));
  }
}
