package org.warrenmq.broker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The table of verbs, and how answers are printed, without a broker. */
class VerbsTest {
  /** What scripts and manuals use of RabbitMQ's tools. */
  private static final String MOST_USED =
      """
      status cluster_status ping await_startup list_queues list_exchanges list_bindings
      list_connections list_channels list_consumers list_users list_vhosts list_permissions
      list_policies add_user change_password set_user_tags set_permissions set_topic_permissions
      add_vhost delete_vhost set_policy set_operator_policy set_parameter set_vhost_limits
      set_user_limits purge_queue delete_queue close_connection close_all_connections
      export_definitions import_definitions trace_on trace_off set_log_level
      set_vm_memory_high_watermark set_disk_free_limit enable_feature_flag authenticate_user
      hash_password rename_cluster_node forget_cluster_node join_cluster reset start_app stop_app
      await_online_nodes wait rotate_logs check_running check_local_alarms
      check_port_connectivity check_port_listener check_virtual_hosts check_certificate_expiration
      memory_breakdown listeners message_size_stats log_tail consume_event_stream
      list_policies_that_match peek quorum_status add_member delete_member grow shrink rebalance
      transfer_leadership check_if_node_is_quorum_critical drain revive
      await_online_quorum_plus_one stream_status add_replica eval\
      """;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... words) {
    return new ControlLine("rabbitmqctl")
        .execute(List.of(words), new PrintWriter(out, true), new PrintWriter(err, true));
  }

  private static String printed(Formatter formatter, Answer answer) {
    StringWriter text = new StringWriter();
    formatter.print(answer, true, "rabbit@here", new PrintWriter(text, true));
    return text.toString();
  }

  @Test
  @DisplayName("every verb that is much used is known: it is done, or refused with a reason")
  void known() {
    Verbs verbs = new Verbs();
    assertThat(MOST_USED.split("\\s+"))
        .allSatisfy(name -> assertThat(verbs.find(name)).isNotNull());
  }

  @Test
  @DisplayName("a verb that is not here says why, without a broker")
  void absent() {
    assertThat(run("eval", "1 + 1.")).isEqualTo(Refused.UNAVAILABLE);
    assertThat(err)
        .hasToString("Error:\neval is not available: there is no Erlang machine to run that\n");
    assertThat(out.toString()).isEmpty();
  }

  @Test
  @DisplayName("help names all verbs, and the usage of one")
  void help() {
    assertThat(run("help")).isZero();
    assertThat(out.toString()).contains("   add_user ", "   list_queues ");
    assertThat(run("help", "set_policy")).isZero();
    assertThat(out.toString())
        .contains("set_policy <name> <pattern> <definition> [--priority <number>]", "--apply-to");
    assertThat(run()).isEqualTo(Refused.USAGE);
    assertThat(err.toString()).contains("Available commands:");
    assertThat(run("list_users", "--help")).isZero();
  }

  @Test
  @DisplayName("where no broker runs, the exit code is 69, and await_startup gives up in time")
  void nobody() {
    assertThat(run("list_users", "--data", "/nowhere")).isEqualTo(Refused.UNAVAILABLE);
    assertThat(err.toString())
        .startsWith("Error: unable to perform an operation on node 'rabbit@")
        .contains("no broker answers in the data folder /nowhere");
    assertThat(run("await_startup", "-t", "0", "--data", "/nowhere"))
        .isEqualTo(Refused.UNAVAILABLE);
    assertThat(run("ping", "--data", "/nowhere")).isEqualTo(Refused.UNAVAILABLE);
    assertThat(err.toString()).contains("Failed to connect and authenticate to rabbit@");
  }

  @Test
  @DisplayName("waiting for a process that is not there, or for no process, fails")
  void waiting() {
    assertThat(run("wait", "--data", "/nowhere")).isEqualTo(Refused.USAGE);
    assertThat(err.toString()).contains("No pid or pidfile specified");
    assertThat(run("wait", "--pid", "999999999", "--data", "/nowhere")).isEqualTo(Refused.SOFTWARE);
    assertThat(err.toString()).contains("Error: process is not running.");
  }

  @Test
  @DisplayName("the data folder is what --data says, then the environment, then ./data")
  void place() {
    assertThat(Place.folder("x", Map.of("WARREN_DATA", "y"))).isEqualTo(Path.of("x"));
    assertThat(Place.folder(null, Map.of("WARREN_DATA", "y", "RABBITMQ_MNESIA_DIR", "z")))
        .isEqualTo(Path.of("y"));
    assertThat(Place.folder(null, Map.of("RABBITMQ_MNESIA_DIR", "z"))).isEqualTo(Path.of("z"));
    assertThat(Place.folder(null, Map.of("RABBITMQ_MNESIA_BASE", "b")))
        .isEqualTo(Path.of("b/warren"));
    assertThat(Place.folder(null, Map.of())).isEqualTo(Path.of("data"));
  }

  @Test
  @DisplayName("a table is printed with each formatter")
  void formatters() {
    JsonObject arguments =
        new JsonObject().put("x", 1).put("y", "z").put("l", new JsonArray().add(true).add("w"));
    Answer table =
        new Answer.Rows(List.of("name", "arguments"), List.of(Arrays.asList("q\"", arguments)));
    assertThat(printed(Formatter.TABLE, table))
        .isEqualTo("name\targuments\nq\"\t[{\"x\",1},{\"y\",\"z\"},{\"l\",[true,\"w\"]}]\n");
    assertThat(printed(Formatter.CSV, table))
        .isEqualTo(
            "\"name\",\"arguments\"\n"
                + "\"q\"\"\",\"[{\"\"x\"\",1},{\"\"y\"\",\"\"z\"\"},{\"\"l\"\",[true,\"\"w\"\"]}]\"\n");
    assertThat(printed(Formatter.JSON, table))
        .isEqualTo(
            "[\n"
                + "{\"name\":\"q\\\"\",\"arguments\":[[\"x\",\"signedint\",1],[\"y\",\"longstr\",\"z\"],[\"l\",\"array\",[true,\"w\"]]]}\n"
                + "]\n");
    assertThat(printed(Formatter.ERLANG, table)).startsWith("[[{name,<<\"q\"\">>},{arguments,[{");
    assertThat(
            printed(
                Formatter.PRETTY_TABLE,
                new Answer.Rows(List.of("name"), List.of(List.of("q1"), List.of("long one")))))
        .isEqualTo(
            """
            ┌──────────┐
            │ name     │
            ├──────────┤
            │ q1       │
            ├──────────┤
            │ long one │
            └──────────┘
            """);
    assertThat(run("list_users", "--formatter", "none", "--data", "/x")).isEqualTo(Refused.USAGE);
  }

  @Test
  @DisplayName("what is not a table is JSON, too")
  void texts() {
    assertThat(printed(Formatter.JSON, new Answer.Nothing())).isEqualTo("{\"result\":\"ok\"}\n");
    assertThat(printed(Formatter.JSON, new Answer.Text("4.0.5")))
        .isEqualTo("{\"node\":\"rabbit@here\",\"result\":\"ok\",\"value\":\"4.0.5\"}\n");
    assertThat(printed(Formatter.TABLE, new Answer.Text("4.0.5"))).isEqualTo("4.0.5\n");
  }
}
