package org.warrenmq.admin.definitions;

import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.node.Definition;
import org.warrenmq.admin.node.DefinitionCommands;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.admin.node.NodeCommands.Password;
import org.warrenmq.admin.node.NodeView;
import org.warrenmq.codec.FieldValue;

/**
 * Looks whether a document can be imported, before anything is: what is wrong in it is a fault of
 * the document; what is right, but cannot be here, is refused by name. Used by one thread.
 *
 * <p>It remembers the names of the document that others refer to: as many as {@link
 * DefinitionDocument} lets a document have.
 */
final class DefinitionCheck {
  private static final List<String> QUEUE_TYPES = List.of("classic", "quorum");
  private static final List<String> COMPONENTS =
      List.of("shovel", "federation-upstream", "federation-upstream-set", Comparison.VHOST_LIMITS);
  private static final List<String> HASHES =
      List.of(
          "",
          "rabbit_password_hashing_sha256",
          "rabbit_password_hashing_sha512",
          "rabbit_password_hashing_md5");

  /** The exchanges that a new virtual host has. */
  private static final List<String> PREDECLARED =
      List.of(
          "amq.direct",
          "amq.fanout",
          "amq.headers",
          "amq.match",
          "amq.topic",
          "amq.rabbitmq.trace");

  private final DefinitionDocument document;
  private final DefinitionReader reader;
  private final @Nullable String vhost;
  private final NodeView view;
  private final DefinitionCommands commands;
  private final Comparison comparison;
  private final List<String> exchangeTypes;

  /** What the document has of each kind, by name; in virtual hosts, by both names. */
  private final Set<String> users = new HashSet<>();

  private final Set<String> vhosts = new HashSet<>();
  private final Set<Place> places = new HashSet<>();

  /** And cannot be. */
  private final Set<Place> refused = new HashSet<>();

  /** A queue or an exchange. */
  private record Place(String vhost, boolean isQueue, String name) {}

  /**
   * @param vhost the one virtual host that is imported; null for all
   */
  DefinitionCheck(
      DefinitionDocument document,
      @Nullable String vhost,
      NodeView view,
      DefinitionCommands commands) {
    this.document = document;
    this.vhost = vhost;
    this.view = view;
    this.commands = commands;
    reader = new DefinitionReader(document.name(), vhost);
    comparison = new Comparison(view, commands);
    exchangeTypes = view.node().exchangeTypes();
  }

  /**
   * Looks at all of the document.
   *
   * @param report gets what is refused
   * @throws DefinitionFault when something in it is wrong
   */
  void run(ImportReport report) {
    document.all(this::collect);
    for (Section section : Section.values()) {
      if (section.countsIn(vhost)) {
        document.each(section, (number, object) -> check(section, number, object, report));
      }
    }
  }

  private void collect(Section section, int number, JsonObject object) {
    if (!section.countsIn(vhost)) {
      return;
    }
    Definition definition = reader.read(section, number, object);
    switch (definition) {
      case Definition.User user -> users.add(user.name());
      case Definition.Vhost known -> vhosts.add(known.name());
      case Definition.Queue queue -> add(new Place(queue.vhost(), true, queue.name()), definition);
      case Definition.Exchange(Facts.Exchange exchange) ->
          add(new Place(exchange.vhost(), false, exchange.name()), definition);
      case Definition.Permission _,
          Definition.TopicPermission _,
          Definition.Parameter _,
          Definition.Policy _,
          Definition.Binding _ -> {
        // Nothing refers to it.
      }
    }
  }

  private void add(Place place, Definition definition) {
    places.add(place);
    if (refusal(definition) != null) {
      refused.add(place);
    }
  }

  private void check(Section section, int number, JsonObject object, ImportReport report) {
    Definition definition = reader.read(section, number, object);
    String where = reader.where(section, number) + ", " + definition.label();
    String missing = missing(definition);
    if (missing != null) {
      throw new DefinitionFault(where, missing);
    }
    String refusal = refusal(definition);
    if (refusal != null) {
      report.refuse(definition, refusal);
      return;
    }
    Definition rest = definition;
    if (definition instanceof Definition.Vhost one && lack(one) != null) {
      report.refuse(definition, String.valueOf(lack(one)));
      rest = one.withoutType();
    }
    String fault = fault(rest);
    if (fault != null) {
      throw new DefinitionFault(where, fault);
    }
  }

  private @Nullable String fault(Definition definition) {
    String fault =
        switch (definition) {
          case Definition.User user -> fault(user);
          case Definition.Parameter _ -> within("value", commands.fault(definition));
          case Definition.Policy(Facts.Policy policy) -> fault(policy);
          case Definition.Permission may -> fault(may);
          case Definition.TopicPermission may -> fault(may);
          case Definition.Vhost _,
              Definition.Queue _,
              Definition.Exchange _,
              Definition.Binding _ ->
              commands.fault(definition);
        };
    // Some are written for a page.
    return fault == null
        ? null
        : fault.replace("Validation failed\n\n", "").strip().replaceAll("\\s*\\R\\s*", "; ");
  }

  private static @Nullable String within(String field, @Nullable String fault) {
    return fault == null ? null : field + ": " + fault;
  }

  private @Nullable String fault(Definition.User user) {
    String fault =
        commands.fault(new Definition.User(user.name(), user.password(), user.tags(), Map.of()));
    return fault == null ? within("limits", commands.fault(user)) : fault;
  }

  /** Where nothing else is wrong but what it says, it is that. */
  private @Nullable String fault(Facts.Policy policy) {
    String fault =
        commands.fault(
            new Definition.Policy(
                new Facts.Policy(
                    policy.kind(),
                    policy.vhost(),
                    policy.name(),
                    "",
                    "all",
                    FieldValue.of(0L),
                    policy.definition())));
    return fault == null
        ? commands.fault(new Definition.Policy(policy))
        : within("definition", fault);
  }

  /** Each pattern alone, so that it is told which of them. */
  private @Nullable String fault(Definition.Permission may) {
    Facts.Resources patterns = may.resources();
    return fault(
        Map.of(
            "configure",
            new Facts.Resources(patterns.configure(), "", ""),
            "write",
            new Facts.Resources("", patterns.write(), ""),
            "read",
            new Facts.Resources("", "", patterns.read())),
        one -> new Definition.Permission(may.user(), may.vhost(), one));
  }

  private @Nullable String fault(Definition.TopicPermission may) {
    Facts.Topics patterns = may.topics();
    return fault(
        Map.of(
            "write", new Facts.Topics(patterns.write(), ""),
            "read", new Facts.Topics("", patterns.read())),
        one -> new Definition.TopicPermission(may.user(), may.vhost(), may.exchange(), one));
  }

  private <T> @Nullable String fault(Map<String, T> fields, Function<T, Definition> with) {
    for (Map.Entry<String, T> field : new TreeMap<>(fields).entrySet()) {
      String fault = commands.fault(with.apply(field.getValue()));
      if (fault != null) {
        return within(field.getKey(), fault);
      }
    }
    return null;
  }

  /** What it refers to and is nowhere; null for nothing. */
  private @Nullable String missing(Definition definition) {
    return switch (definition) {
      case Definition.User _, Definition.Vhost _ -> null;
      case Definition.Permission may -> missing(may.user(), may.vhost());
      case Definition.TopicPermission may -> missing(may.user(), may.vhost());
      case Definition.Parameter(Facts.Parameter of) ->
          of.vhost() == null ? null : missingVhost(of.vhost());
      case Definition.Policy(Facts.Policy policy) -> missingVhost(policy.vhost());
      case Definition.Queue queue -> missingVhost(queue.vhost());
      case Definition.Exchange(Facts.Exchange exchange) -> missingVhost(exchange.vhost());
      case Definition.Binding(Facts.Binding binding) -> missing(binding);
    };
  }

  private @Nullable String missing(String user, String in) {
    return users.contains(user) || view.user(user) != null
        ? missingVhost(in)
        : "user: there is no user '%s', here or in the document".formatted(user);
  }

  private @Nullable String missingVhost(String name) {
    return vhosts.contains(name) || view.vhost(name) != null
        ? null
        : "vhost: there is no vhost '%s', here or in the document".formatted(name);
  }

  private @Nullable String missing(Facts.Binding binding) {
    String in = missingVhost(binding.vhost());
    if (in != null) {
      return in;
    }
    if (binding.source().isEmpty()) {
      return isImplicit(binding) ? null : "source: the default exchange has no bindings of its own";
    }
    if (!isThere(source(binding))) {
      return "source: there is no exchange '%s', here or in the document"
          .formatted(binding.source());
    }
    return isThere(destination(binding))
        ? null
        : "destination: there is no %s '%s', here or in the document"
            .formatted(binding.toQueue() ? "queue" : "exchange", binding.destination());
  }

  /** Such ones are there with their queues. */
  static boolean isImplicit(Facts.Binding binding) {
    return binding.source().isEmpty()
        && binding.toQueue()
        && binding.routingKey().equals(binding.destination());
  }

  private static Place source(Facts.Binding binding) {
    return new Place(binding.vhost(), false, binding.source());
  }

  private static Place destination(Facts.Binding binding) {
    return new Place(binding.vhost(), binding.toQueue(), binding.destination());
  }

  private boolean isThere(Place place) {
    if (places.contains(place) || !place.isQueue && PREDECLARED.contains(place.name)) {
      return true;
    }
    return place.isQueue
        ? view.queue(place.vhost, place.name) != null
        : view.exchange(place.vhost, place.name) != null;
  }

  /** Why something cannot be here, right as it is; null when it can. */
  @Nullable String refusal(Definition definition) {
    return switch (definition) {
      case Definition.User(_, Password.Hashed(String algorithm, _), _, _)
          when !HASHES.contains(algorithm) ->
          "hashing_algorithm: there is no %s here".formatted(algorithm);
      case Definition.Parameter(Facts.Parameter of)
          when of.vhost() != null && !COMPONENTS.contains(of.component()) ->
          "component: nothing here knows parameters of %s".formatted(of.component());
      case Definition.Queue queue -> refusal(queue);
      case Definition.Exchange(Facts.Exchange exchange) -> refusal(exchange, different(definition));
      case Definition.Binding(Facts.Binding binding) -> refusal(binding);
      case Definition.User _,
          Definition.Vhost _,
          Definition.Permission _,
          Definition.TopicPermission _,
          Definition.Parameter _,
          Definition.Policy _ ->
          null;
    };
  }

  private @Nullable String refusal(Facts.Exchange exchange, @Nullable String different) {
    if (!exchangeTypes.contains(exchange.type())) {
      return "type: there are no exchanges of type '%s' here".formatted(exchange.type());
    }
    return exchange.name().startsWith("amq.") && !PREDECLARED.contains(exchange.name())
        ? "name: those that begin with amq. are the broker's to give"
        : different;
  }

  /** What of a virtual host cannot be; it is made without that. */
  static @Nullable String lack(Definition.Vhost vhost) {
    String type = vhost.defaultQueueType();
    return type == null || QUEUE_TYPES.contains(type)
        ? null
        : "default_queue_type: there are no queues of type '%s' here".formatted(type);
  }

  private @Nullable String refusal(Definition.Queue queue) {
    return queue.arguments().get("x-queue-type") instanceof FieldValue.LongString(String type)
            && !QUEUE_TYPES.contains(type)
        ? "x-queue-type: there are no queues of type '%s' here".formatted(type)
        : different(queue);
  }

  /** What is there stays as it is: only its deletion would make room for another one. */
  private @Nullable String different(Definition definition) {
    String difference = comparison.difference(definition);
    return Comparison.NOT_THERE.equals(difference) ? null : difference;
  }

  private @Nullable String refusal(Facts.Binding binding) {
    if (refused.contains(source(binding)) && !isAsFound(source(binding))) {
      return "source: exchange '%s' is refused".formatted(binding.source());
    }
    return refused.contains(destination(binding)) && !isAsFound(destination(binding))
        ? "destination: %s '%s' is refused"
            .formatted(binding.toQueue() ? "queue" : "exchange", binding.destination())
        : null;
  }

  /** Refused, since it is there in another way: it can be bound as it is. */
  private boolean isAsFound(Place place) {
    return place.isQueue
        ? view.queue(place.vhost, place.name) != null
        : view.exchange(place.vhost, place.name) != null;
  }
}
