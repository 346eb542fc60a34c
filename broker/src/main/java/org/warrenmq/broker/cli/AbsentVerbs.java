package org.warrenmq.broker.cli;

import java.util.List;

/** RabbitMQ's verbs for what is not here, each with the reason why. Stateless. */
final class AbsentVerbs {
  private static final String ERLANG = "there is no Erlang machine to run that";
  private static final String ALONE = "a node is alone: there is no clustering yet";
  private static final String SIGNAL = "use 'bin/warren' to start a node, and 'stop' to end it";
  private static final String RELOAD = "set it in the configuration, and send SIGHUP to the broker";
  private static final String STATISTICS = "there are no statistics yet";
  private static final String PLAIN = "values in the configuration are not encrypted";

  private static final List<List<String>> REASONS =
      List.of(
          List.of(ERLANG, "eval", "eval_file", "exec", "remote_shell", "observer", "force_gc"),
          List.of(
              ALONE,
              "join_cluster",
              "forget_cluster_node",
              "rename_cluster_node",
              "update_cluster_nodes",
              "change_cluster_node_type",
              "force_boot",
              "sync_queue",
              "cancel_sync_queue",
              "add_member",
              "delete_member",
              "grow",
              "shrink",
              "rebalance",
              "quorum_status",
              "transfer_leadership",
              "check_if_cluster_has_classic_queue_mirroring_policy"),
          List.of(SIGNAL, "start_app", "stop_app", "reset", "force_reset"),
          List.of(RELOAD, "set_log_level", "set_vm_memory_high_watermark", "set_disk_free_limit"),
          List.of("there is no firehose tracing yet", "trace_on", "trace_off"),
          List.of(
              "there is no maintenance mode yet",
              "suspend_listeners",
              "resume_listeners",
              "drain",
              "revive",
              "await_online_quorum_plus_one"),
          List.of(
              STATISTICS,
              "memory_breakdown",
              "message_size_stats",
              "reset_stats_db",
              "consume_event_stream"),
          List.of("ask the HTTP API for 'auth/attempts'", "list_node_auth_attempt_stats"),
          List.of("use the HTTP API's 'get'", "peek"),
          List.of("there are no plug-ins to enable", "enable", "disable", "set", "list"),
          List.of(
              "the disk is watched all the time",
              "activate_free_disk_space_monitoring",
              "deactivate_free_disk_space_monitoring"),
          List.of("there are no mirrored queues", "remove_classic_queue_mirroring_from_policies"),
          List.of(
              "there are no tables of Erlang's",
              "schema_info",
              "metadata_store_status",
              "force_standalone_khepri_boot",
              "erlang_version",
              "erlang_cookie_hash",
              "runtime_thread_stats"),
          List.of("the log goes to standard output", "log_tail", "log_tail_stream", "log_location"),
          List.of(
              PLAIN,
              "encode",
              "decode",
              "encrypt_conf_value",
              "decrypt_conf_value",
              "list_ciphers"),
          List.of("there are no streams yet", "stream_status", "add_replica", "delete_replica"),
          List.of(
              "there is no federation or shovel yet",
              "federation_status",
              "restart_federation_link",
              "shovel_status",
              "restart_shovel",
              "delete_shovel"),
          List.of("'bin/warren config show' prints the configuration", "environment"),
          List.of("ask for 'status' and 'cluster_status'", "report"),
          List.of(
              "the log warns of certificates, and TLS clients show them",
              "check_certificate_expiration",
              "certificates",
              "cipher_suites",
              "tls_versions"));

  private AbsentVerbs() {}

  static List<Verb> all() {
    return REASONS.stream()
        .flatMap(line -> line.stream().skip(1).map(name -> absent(name, line.getFirst())))
        .toList();
  }

  private static Verb absent(String name, String reason) {
    return Verb.of(name, "Not here: " + reason, "[…]")
        .does(
            _ -> {
              throw Refused.error(Refused.UNAVAILABLE, name + " is not available: " + reason);
            });
  }
}
