package org.warrenmq.admin.api;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.warrenmq.admin.node.Facts;

/** How a node is shown, with RabbitMQ's names. Stateless, any thread. */
final class ShownNode {
  /** The parts of a node's memory that clients look for. */
  static final String[] MEMORY_KINDS = {
    "connection_readers",
    "connection_writers",
    "connection_channels",
    "connection_other",
    "queue_procs",
    "quorum_queue_procs",
    "stream_queue_procs",
    "stream_queue_replica_reader_procs",
    "stream_queue_coordinator_procs",
    "plugins",
    "metadata_store",
    "other_proc",
    "metrics",
    "mgmt_db",
    "mnesia",
    "quorum_ets",
    "metadata_store_ets",
    "other_ets",
    "binary",
    "msg_index",
    "code",
    "atom",
    "other_system",
    "allocated_unused",
    "reserved_unallocated"
  };

  private ShownNode() {}

  static long memoryUsed() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private static JsonArray listeners(Facts.Node node) {
    JsonArray listeners = new JsonArray();
    for (Facts.Listener listener : node.listeners()) {
      listeners.add(
          new JsonObject()
              .put("node", node.name())
              .put("protocol", listener.protocol())
              .put("ip_address", listener.address())
              .put("port", listener.port())
              .put("socket_opts", new JsonObject()));
    }
    return listeners;
  }

  private static JsonArray named(List<String> names) {
    JsonArray array = new JsonArray();
    names.forEach(
        name ->
            array.add(
                new JsonObject().put("name", name).put("description", "").put("enabled", true)));
    return array;
  }

  private static JsonArray contexts(Facts.Node node) {
    JsonArray contexts = new JsonArray();
    for (Facts.Listener listener : node.listeners()) {
      if (listener.protocol().startsWith("http")) {
        contexts.add(
            new JsonObject()
                .put("node", node.name())
                .put("description", "RabbitMQ Management")
                .put("path", "/")
                .put("ip", listener.address())
                .put("port", String.valueOf(listener.port())));
      }
    }
    return contexts;
  }

  static JsonObject overview(Facts.Node node) {
    return new JsonObject()
        .put("management_version", node.version())
        .put("rabbitmq_version", node.version())
        .put("product_name", node.product())
        .put("product_version", node.version())
        .put("broker", node.broker())
        .put("erlang_version", "none")
        .put("erlang_full_version", "none: Java " + Runtime.version())
        .put("cluster_name", node.clusterName())
        .put("cluster_tags", new JsonObject())
        .put("node_tags", new JsonObject())
        .put("node", node.name())
        .put("rates_mode", "none")
        .put("statistics_level", "none")
        .put("disable_stats", false)
        .put("enable_queue_totals", true)
        .put("is_op_policy_updating_enabled", true)
        .put("statistics_db_event_queue", 0)
        .put("exchange_types", named(node.exchangeTypes()))
        .put("listeners", listeners(node))
        .put("contexts", contexts(node));
  }

  static JsonObject node(Facts.Node node) {
    long memory = memoryUsed();
    String alarm = node.alarm() == null ? "" : node.alarm();
    return new JsonObject()
        .put("name", node.name())
        .put("type", "disc")
        .put("running", true)
        .put("being_drained", false)
        .put("partitions", new JsonArray())
        .put("os_pid", String.valueOf(ProcessHandle.current().pid()))
        .put("uptime", System.currentTimeMillis() - node.startedAt())
        .put("processors", Runtime.getRuntime().availableProcessors())
        .put("run_queue", 0)
        .put("proc_total", 1_048_576)
        .put("proc_used", Thread.activeCount())
        .put("fd_total", 0)
        .put("fd_used", 0)
        .put("sockets_total", 0)
        .put("sockets_used", 0)
        .put("mem_used", memory)
        .put("mem_limit", Runtime.getRuntime().maxMemory())
        .put("mem_alarm", alarm.contains("memory"))
        .put("mem_calculation_strategy", "allocated")
        .put("disk_free", node.diskFree())
        .put("disk_free_limit", node.diskFreeLimit())
        .put("disk_free_alarm", alarm.contains("disk"))
        .put("rates_mode", "none")
        .put("net_ticktime", 60)
        .put("db_dir", node.dataFolder())
        .put("log_files", new JsonArray())
        .put("config_files", new JsonArray())
        .put(
            "enabled_plugins",
            new JsonArray().add("rabbitmq_management").add("rabbitmq_management_agent"))
        .put("exchange_types", named(node.exchangeTypes()))
        .put("auth_mechanisms", named(node.mechanisms()))
        .put("applications", new JsonArray())
        .put("contexts", contexts(node))
        .put("cluster_links", new JsonArray())
        .put("metrics_gc_queue_length", new JsonObject());
  }
}
