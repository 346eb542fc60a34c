package org.warrenmq.broker.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import org.warrenmq.admin.local.LocalApi;

/** The verbs that tell of the node. Stateless. */
final class NodeVerbs {
  private static final double GIGABYTE = 1e9;
  private static final Columns FLAGS = Columns.of("name", "state");
  private static final Columns DEPRECATED = Columns.of("name", "deprecation_phase");

  private NodeVerbs() {}

  static List<Verb> all() {
    return List.of(
        Verb.of("status", "Tells of the node, its listeners and alarms")
            .with(Flag.UNIT)
            .says("Status of node {node} ...")
            .does(NodeVerbs::status),
        Verb.of("cluster_status", "Tells of the cluster, which is this node")
            .says("Cluster status of node {node} ...")
            .does(NodeVerbs::clusterStatus),
        Verb.of("version", "Prints the version that clients see").does(NodeVerbs::version),
        Verb.of("server_version", "Prints the version that clients see")
            .says("Asking node {node} for its RabbitMQ version...")
            .does(NodeVerbs::version),
        Verb.of("list_feature_flags", "Lists feature flags, of which there are none", "[<column>…]")
            .says("Listing feature flags ...")
            .does(call -> FLAGS.rows(call.rows("/feature-flags"))),
        Verb.of("list_deprecated_features", "Lists none", "[<column>…]")
            .says("Listing deprecated features ...")
            .does(call -> DEPRECATED.rows(call.rows("/deprecated-features"))),
        Verb.of("enable_feature_flag", "There are none: does nothing for all", "<flag|all>")
            .saying(
                call ->
                    call.given(0).equals("all")
                        ? "Enabling all feature flags ..."
                        : "Enabling feature flag \"" + call.given(0) + "\" ...")
            .does(NodeVerbs::enable),
        Verb.of("rotate_logs", "Does nothing: the log goes to standard output")
            .does(
                _ -> {
                  throw Refused.error(
                      Refused.UNAVAILABLE,
                      "This command does not rotate logs anymore [deprecated]");
                }),
        Verb.of("node_health_check", "Deprecated: does nothing")
            .does(
                _ ->
                    new Answer.Text(
                        "This command is DEPRECATED and is a no-op. It will be removed in a future"
                            + " version.")),
        Verb.of("list_hashes", "Passwords are kept with these")
            .says("Listing supported hash algorithms ...")
            .does(_ -> new Answer.Text("[sha256,sha512]")));
  }

  private static Answer version(Call call) throws IOException, Refused {
    return new Answer.Text(String.valueOf(call.overview().getValue("rabbitmq_version")));
  }

  private static Answer enable(Call call) throws Refused, IOException {
    if (call.given(0).equals("all")) {
      return new Answer.Nothing();
    }
    throw Refused.error(
        Refused.USAGE, call.fill("This feature flag is not supported by node {node}"));
  }

  static JsonObject node(Call call) throws IOException, Refused {
    return call.object(LocalApi.path("nodes", call.node()));
  }

  static JsonArray listeners(Call call) throws IOException, Refused {
    return call.overview().getJsonArray("listeners", new JsonArray());
  }

  /** A line for each. */
  static String shown(JsonArray listeners) {
    StringJoiner lines = new StringJoiner("\n");
    for (Object each : listeners) {
      JsonObject one = (JsonObject) each;
      lines.add(
          "Interface: %s, port: %s, protocol: %s, purpose: %s"
              .formatted(
                  one.getValue("ip_address"),
                  one.getValue("port"),
                  one.getValue("protocol"),
                  purpose(one)));
    }
    return lines.toString();
  }

  private static String purpose(JsonObject listener) {
    return switch (String.valueOf(listener.getValue("protocol"))) {
      case "http" -> "HTTP API";
      case "https" -> "HTTP API over TLS (HTTPS)";
      case "amqp/ssl" -> "AMQP 0-9-1 over TLS";
      default -> "AMQP 0-9-1";
    };
  }

  /** As JSON shows them. */
  static JsonArray told(JsonArray listeners) {
    JsonArray told = new JsonArray();
    for (Object each : listeners) {
      JsonObject one = (JsonObject) each;
      told.add(
          new JsonObject()
              .put("node", one.getValue("node"))
              .put("port", one.getValue("port"))
              .put("protocol", one.getValue("protocol"))
              .put("interface", one.getValue("ip_address"))
              .put("purpose", purpose(one)));
    }
    return told;
  }

  /** The words memory and disk, if they are short. */
  static JsonArray alarms(JsonObject node) {
    JsonArray alarms = new JsonArray();
    if (node.getBoolean("mem_alarm", false)) {
      alarms.add("memory");
    }
    if (node.getBoolean("disk_free_alarm", false)) {
      alarms.add("disk");
    }
    return alarms;
  }

  private static String lines(JsonArray words) {
    return words.isEmpty()
        ? "(none)"
        : String.join("\n", words.stream().map(Object::toString).toList());
  }

  private static String gigabytes(JsonObject node, String key) {
    return String.format(Locale.ROOT, "%.4f gb", node.getLong(key, 0L) / GIGABYTE);
  }

  private static Answer status(Call call) throws IOException, Refused {
    JsonObject overview = call.overview();
    JsonObject node = node(call);
    JsonObject totals = overview.getJsonObject("object_totals", new JsonObject());
    JsonArray listeners = listeners(call);
    int vhosts = call.rows("/vhosts").size();
    StringJoiner text = new StringJoiner("\n");
    text.add("Runtime\n");
    text.add("OS PID: " + node.getValue("os_pid"));
    text.add("OS: " + System.getProperty("os.name"));
    text.add("Uptime (seconds): " + node.getLong("uptime", 0L) / 1000);
    text.add("Is under maintenance?: " + node.getValue("being_drained"));
    text.add("RabbitMQ version: " + overview.getValue("rabbitmq_version"));
    text.add("Broker: " + overview.getValue("broker"));
    text.add("Node name: " + call.node());
    text.add("\nData directory\n");
    text.add("Node data directory: " + node.getValue("db_dir"));
    text.add("\nAlarms\n\n" + lines(alarms(node)));
    text.add("\nMemory\n");
    text.add("Total memory used: " + gigabytes(node, "mem_used"));
    text.add("Memory limit: " + gigabytes(node, "mem_limit"));
    text.add("\nFree Disk Space\n");
    text.add("Low free disk space watermark: " + gigabytes(node, "disk_free_limit"));
    text.add("Free disk space: " + gigabytes(node, "disk_free"));
    text.add("\nTotals\n");
    text.add("Connection count: " + totals.getValue("connections"));
    text.add("Queue count: " + totals.getValue("queues"));
    text.add("Virtual host count: " + vhosts);
    text.add("\nListeners\n\n" + shown(listeners));
    return new Answer.Report(
        text.toString(),
        new JsonObject()
            .put("pid", node.getValue("os_pid"))
            .put("os", System.getProperty("os.name"))
            .put("uptime", node.getLong("uptime", 0L) / 1000)
            .put("is_under_maintenance", node.getValue("being_drained"))
            .put("rabbitmq_version", overview.getValue("rabbitmq_version"))
            .put("node_name", call.node())
            .put("data_directory", node.getValue("db_dir"))
            .put("alarms", alarms(node))
            .put("memory", new JsonObject().put("total", node.getValue("mem_used")))
            .put("disk_free", node.getValue("disk_free"))
            .put("disk_free_limit", node.getValue("disk_free_limit"))
            .put(
                "totals",
                new JsonObject()
                    .put("connection_count", totals.getValue("connections"))
                    .put("queue_count", totals.getValue("queues"))
                    .put("virtual_host_count", vhosts))
            .put("listeners", told(listeners)));
  }

  private static Answer clusterStatus(Call call) throws IOException, Refused {
    JsonObject overview = call.overview();
    String name = call.node();
    Object cluster = overview.getValue("cluster_name");
    Object version = overview.getValue("rabbitmq_version");
    JsonArray alarms = alarms(node(call));
    JsonArray listeners = listeners(call);
    JsonArray nodes = new JsonArray().add(name);
    StringJoiner text = new StringJoiner("\n\n");
    text.add("Basics").add("Cluster name: " + cluster);
    text.add("Disk Nodes").add(name);
    text.add("Running Nodes").add(name);
    text.add("Versions").add(name + ": RabbitMQ " + version);
    text.add("Maintenance status").add("Node: " + name + ", status: not under maintenance");
    text.add("Alarms").add(lines(alarms));
    text.add("Network Partitions").add("(none)");
    text.add("Listeners")
        .add(shown(listeners).replace("Interface: ", "Node: " + name + ", interface: "));
    return new Answer.Report(
        text.toString(),
        new JsonObject()
            .put("cluster_name", cluster)
            .put("disk_nodes", nodes)
            .put("ram_nodes", new JsonArray())
            .put("running_nodes", nodes)
            .put(
                "versions",
                new JsonObject()
                    .put(
                        name,
                        new JsonObject()
                            .put("rabbitmq_name", overview.getValue("product_name"))
                            .put("rabbitmq_version", version)))
            .put("maintenance_status", new JsonObject().put(name, "not under maintenance"))
            .put("alarms", alarms)
            .put("partitions", new JsonObject())
            .put("listeners", new JsonObject().put(name, told(listeners))));
  }
}
