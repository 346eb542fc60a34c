package org.warrenmq.broker;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.warrenmq.broker.auth.Limits;
import org.warrenmq.broker.topology.Parameter;
import org.warrenmq.broker.topology.PolicySpec;
import org.warrenmq.broker.topology.PolicySpec.Kind;
import org.warrenmq.broker.topology.Topology;
import org.warrenmq.broker.topology.TopologyCommand;
import org.warrenmq.broker.topology.VirtualHost;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;

/**
 * Carries out what {@link PolicyVerb}s say, and answers as rabbitmqctl does: columns are parted by
 * tabs, and named in the first line. Any thread but an event loop.
 */
final class PolicyRequests {
  private static final String PRIORITY = "--priority";
  private static final String APPLY_TO = "--apply-to";
  private static final String VHOST_LIMITS = "vhost-limits\tlimits\t";

  private final Topology topology;
  private final Consumer<TopologyCommand> changes;

  /**
   * @param changes carries out a command, and returns when that lasts and holds
   */
  PolicyRequests(Topology topology, Consumer<TopologyCommand> changes) {
    this.topology = topology;
    this.changes = changes;
  }

  /**
   * Carries out a request.
   *
   * @param words arguments, and options with their values, as rabbitmqctl takes them
   * @throws IllegalArgumentException when it is refused
   */
  String run(PolicyVerb verb, String vhost, List<String> words) {
    List<String> given = new ArrayList<>(words);
    Map<String, String> options = verb.hasPriority() ? takeOptions(given) : Map.of();
    if (given.size() != verb.arguments().size()) {
      throw new IllegalArgumentException(
          "usage: " + verb.word() + " " + String.join(" ", verb.arguments()));
    }
    return switch (verb) {
      case LIST_POLICIES -> policies(vhost, Kind.POLICY);
      case LIST_OPERATOR_POLICIES -> policies(vhost, Kind.OPERATOR);
      case LIST_PARAMETERS -> parameters(vhost);
      case LIST_GLOBAL_PARAMETERS -> globalParameters();
      default -> {
        changes.accept(command(verb, vhost, given, options));
        yield verb.word() + ": done";
      }
    };
  }

  /** Takes options out, wherever they are. */
  private static Map<String, String> takeOptions(List<String> words) {
    Map<String, String> options = new HashMap<>();
    for (String option : List.of(PRIORITY, APPLY_TO)) {
      int at = words.indexOf(option);
      if (at >= 0 && at + 1 < words.size()) {
        options.put(option, words.remove(at + 1));
        words.remove(at);
      }
    }
    return options;
  }

  private static TopologyCommand command(
      PolicyVerb verb, String vhost, List<String> given, Map<String, String> options) {
    String first = given.getFirst();
    return switch (verb) {
      case SET_POLICY -> set(Kind.POLICY, vhost, given, options);
      case SET_OPERATOR_POLICY -> set(Kind.OPERATOR, vhost, given, options);
      case CLEAR_POLICY -> new TopologyCommand.ClearPolicy(Kind.POLICY, vhost, first);
      case CLEAR_OPERATOR_POLICY -> new TopologyCommand.ClearPolicy(Kind.OPERATOR, vhost, first);
      case SET_PARAMETER ->
          new TopologyCommand.SetParameter(
              new Parameter(vhost, first, given.get(1), JsonValues.read(given.get(2))));
      case CLEAR_PARAMETER -> new TopologyCommand.ClearParameter(vhost, first, given.get(1));
      case SET_GLOBAL_PARAMETER ->
          new TopologyCommand.SetGlobalParameter(first, JsonValues.read(given.get(1)));
      case CLEAR_GLOBAL_PARAMETER -> new TopologyCommand.ClearGlobalParameter(first);
      case LIST_POLICIES, LIST_OPERATOR_POLICIES, LIST_PARAMETERS, LIST_GLOBAL_PARAMETERS ->
          throw new IllegalStateException(verb + " changes nothing");
    };
  }

  private static TopologyCommand set(
      Kind kind, String vhost, List<String> given, Map<String, String> options) {
    if (!(JsonValues.read(given.get(2)) instanceof FieldValue.Table(FieldTable definition))) {
      throw new IllegalArgumentException("definition must be a dictionary: " + given.get(2));
    }
    return new TopologyCommand.SetPolicy(
        new PolicySpec(
            kind,
            vhost,
            given.get(0),
            given.get(1),
            options.getOrDefault(APPLY_TO, PolicySpec.USUAL_APPLY_TO),
            priority(options.getOrDefault(PRIORITY, "0")),
            definition));
  }

  private static FieldValue priority(String text) {
    try {
      return FieldValue.of(Long.parseLong(text));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(text + " priority must be a number", e);
    }
  }

  private VirtualHost existing(String name) {
    VirtualHost vhost = topology.vhost(name);
    if (vhost == null) {
      throw new IllegalArgumentException("Virtual host '" + name + "' does not exist");
    }
    return vhost;
  }

  private String policies(String vhost, Kind kind) {
    return table(
        "vhost\tname\tpattern\tapply-to\tdefinition\tpriority",
        existing(vhost).policies().all(kind).reversed().stream()
            .map(
                policy ->
                    String.join(
                        "\t",
                        vhost,
                        policy.name(),
                        policy.spec().pattern(),
                        policy.spec().applyTo(),
                        JsonValues.write(FieldValue.of(policy.definition())),
                        JsonValues.write(policy.spec().priority()))));
  }

  private String parameters(String name) {
    VirtualHost vhost = existing(name);
    Stream<String> limits =
        vhost.limits().equals(Limits.NONE)
            ? Stream.of()
            : Stream.of(
                VHOST_LIMITS + new JsonObject(new LinkedHashMap<>(vhost.limits().byName())));
    return table(
        "component\tname\tvalue",
        Stream.concat(
            limits,
            vhost.parameters().stream()
                .sorted(Comparator.comparing(Parameter::component).thenComparing(Parameter::name))
                .map(
                    parameter ->
                        String.join(
                            "\t",
                            parameter.component(),
                            parameter.name(),
                            JsonValues.write(parameter.value())))));
  }

  private String globalParameters() {
    return table(
        "name\tvalue",
        new TreeMap<>(topology.globalParameters())
            .entrySet().stream()
                .map(one -> one.getKey() + "\t" + JsonValues.write(one.getValue())));
  }

  private static String table(String header, Stream<String> lines) {
    return String.join("\n", Stream.concat(Stream.of(header), lines).toList());
  }
}
