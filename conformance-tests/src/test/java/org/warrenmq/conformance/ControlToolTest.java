package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What rabbitmqctl prints, where, and how it exits. On the test thread. */
class ControlToolTest extends AccountTest {
  private static final int USAGE = 64;
  private static final int DATA = 65;
  private static final int NO_USER = 67;
  private static final int UNAVAILABLE = 69;
  private static final int SOFTWARE = 70;

  private ControlRequest.Outcome tool(String... words) throws Exception {
    return broker.tool(words);
  }

  /** It succeeds, and prints these lines, others between them. */
  private void prints(List<String> lines, String... words) throws Exception {
    ControlRequest.Outcome outcome = tool(words);
    assertThat(outcome.code()).as("%s", outcome).isZero();
    assertThat(outcome.out().lines()).as("%s", List.of(words)).containsSubsequence(lines);
  }

  /** It succeeds, and prints this and nothing else. */
  private void printsOnly(String text, String... words) throws Exception {
    ControlRequest.Outcome outcome = tool(words);
    assertThat(outcome.code()).as("%s", outcome).isZero();
    assertThat(outcome.out().stripTrailing()).as("%s", List.of(words)).isEqualTo(text);
  }

  /** It fails like this, and says so where errors go. */
  private void fails(int code, String text, String... words) throws Exception {
    ControlRequest.Outcome outcome = tool(words);
    assertThat(outcome.code()).as("%s", outcome).isEqualTo(code);
    assertThat(outcome.err().replaceAll("\\n+", "\n")).as("%s", List.of(words)).contains(text);
  }

  @Test
  @DisplayName("a list has a banner and a header, fewer with -q, --no-table-headers and -s")
  void headers() throws Exception {
    String vhost = newVhost();
    control("set_policy", "-p", vhost, "p", "^a", "{\"max-length\":5}", "--priority", "3");
    String banner = "Listing policies for vhost \"" + vhost + "\" ...";
    String header = "vhost\tname\tpattern\tapply-to\tdefinition\tpriority";
    String row = vhost + "\tp\t^a\tall\t{\"max-length\":5}\t3";
    printsOnly(banner + "\n" + header + "\n" + row, "list_policies", "-p", vhost);
    printsOnly(header + "\n" + row, "list_policies", "-p", vhost, "-q");
    printsOnly(header + "\n" + row, "-q", "-p", vhost, "list_policies");
    printsOnly(banner + "\n" + row, "list_policies", "--no-table-headers", "--vhost=" + vhost);
    printsOnly(row, "list_policies", "-s", "--vhost", vhost);
    printsOnly(row, "list_policies", "--silent", "--quiet", "--vhost", vhost);
  }

  @Test
  @DisplayName("formatters json and csv print data alone")
  void formatters() throws Exception {
    String vhost = newVhost();
    String user = user();
    control("clear_permissions", "-p", vhost, broker.user());
    control("set_permissions", "-p", vhost, user, ".*", "", "^a\"");
    printsOnly(
        "[\n{\"user\":\"%s\",\"configure\":\".*\",\"write\":\"\",\"read\":\"^a\\\"\"}\n]"
            .formatted(user),
        "list_permissions",
        "-p",
        vhost,
        "--formatter",
        "json");
    printsOnly(
        "\"user\",\"configure\",\"write\",\"read\"\n\"%s\",\".*\",\"\",\"^a\"\"\"".formatted(user),
        "list_permissions",
        "-p",
        vhost,
        "--formatter=csv");
    printsOnly("[\n]", "list_queues", "-p", vhost, "--formatter", "json");
  }

  @Test
  @DisplayName("what is done is announced, and nothing is said with -q")
  void changes() throws Exception {
    String vhost = newVhost();
    String user = user();
    printsOnly(
        "Setting permissions for user \"%s\" in vhost \"%s\" ...".formatted(user, vhost),
        "set_permissions",
        "-p",
        vhost,
        user,
        ".*",
        ".*",
        ".*");
    printsOnly("", "set_permissions", "-q", "-p", vhost, user, ".*", ".*", ".*");
    printsOnly(
        "Setting tags for user \"%s\" to [administrator, monitoring] ...".formatted(user),
        "set_user_tags",
        user,
        "administrator",
        "monitoring");
    prints(List.of(user + "\t[administrator, monitoring]"), "list_users");
    printsOnly("Success", "authenticate_user", user, PASSWORD, "-q");
    printsOnly(
        "Clearing permissions for user \"%s\" in vhost \"%s\" ...".formatted(user, vhost),
        "clear_permissions",
        "-p",
        vhost,
        user);
    printsOnly(
        "Setting vhost limits to \"{\"max-queues\":7}\" for vhost \"%s\" ...".formatted(vhost),
        "set_vhost_limits",
        "-p",
        vhost,
        "{\"max-queues\":7}");
    printsOnly("{\"max-queues\":7}", "list_vhost_limits", "-q", "-p", vhost);
    printsOnly(
        "Setting user limits to \"{\"max-connections\":5}\" for user \"%s\" ...".formatted(user),
        "set_user_limits",
        user,
        "{\"max-connections\":5}");
    printsOnly("{\"max-connections\":5}", "list_user_limits", "-q", "--user", user);
    printsOnly("", "delete_user", "-q", user);
    forget(user);
    // Who is not there need not be deleted.
    printsOnly("", "delete_user", "-q", user);
  }

  @Test
  @DisplayName("wrong usage exits with 64, and prints how the verb is used")
  void usage() throws Exception {
    fails(USAGE, "(argument validation): not enough arguments.\nArguments given:\n", "add_vhost");
    fails(
        USAGE,
        "(argument validation): too many arguments.\nArguments given:\n\tlist_users x",
        "list_users",
        "x");
    fails(USAGE, "Invalid options for this command:\n--nonsense : \n", "list_users", "--nonsense");
    fails(USAGE, "Invalid options for this command:\n-p : \n", "list_policies", "-p");
    fails(USAGE, "--timeout : abc\n", "list_users", "--timeout", "abc");
    fails(USAGE, "Info key(s) nonsense are not supported\n", "list_queues", "name", "nonsense");
    fails(USAGE, "\nCommand 'list_userz' not found.", "list_userz");
    fails(USAGE, "Did you mean 'list_users'?", "list_userz");
    assertThat(tool("list_queues", "nonsense").out()).isEmpty();
  }

  @Test
  @DisplayName("what is missing or cannot be has RabbitMQ's text and exit code")
  void refusals() throws Exception {
    String vhost = newVhost();
    String user = user();
    String none = uniqueName("none");
    fails(SOFTWARE, "Error:\nUser \"" + user + "\" already exists", "add_user", user, "p");
    fails(NO_USER, "Error:\nUser \"" + none + "\" does not exist", "change_password", none, "p");
    fails(NO_USER, "Error:\nUser \"" + none + "\" does not exist", "set_user_tags", none, "x");
    fails(
        DATA,
        "Error:\nError: failed to authenticate user \"%s\"\nuser '%s' - invalid credentials"
            .formatted(user, user),
        "authenticate_user",
        user,
        "wrong");
    fails(
        NO_USER,
        "User " + none + " does not exist",
        "set_permissions",
        "-p",
        vhost,
        none,
        "",
        "",
        "");
    fails(
        UNAVAILABLE,
        "Virtual host " + none + " does not exist",
        "set_permissions",
        "-p",
        none,
        user,
        "",
        "",
        "");
    String noVhost = "Virtual host '" + none + "' does not exist";
    fails(DATA, noVhost, "list_permissions", "-p", none);
    fails(DATA, noVhost, "list_policies", "-p", none);
    fails(DATA, noVhost, "set_policy", "-p", none, "p", "x", "{\"max-length\":5}");
    fails(DATA, noVhost, "delete_vhost", none);
    fails(DATA, noVhost, "update_vhost_metadata", none, "--description", "x");
    fails(UNAVAILABLE, "Parameter does not exist", "clear_policy", "-p", vhost, "none");
    fails(UNAVAILABLE, "{:no_such_user, \"" + none + "\"}", "list_user_permissions", none);
    fails(UNAVAILABLE, "{:no_such_user, \"" + none + "\"}", "set_user_limits", none, "{}");
    fails(
        UNAVAILABLE,
        "Could not parse JSON document: {error,{failed_to_decode_json,<<\"{\">>}}",
        "set_policy",
        "-p",
        vhost,
        "p",
        "x",
        "{");
    fails(
        DATA,
        "Bad argument: Default queue type must be one of: quorum, stream, classic. Provided: x",
        "update_vhost_metadata",
        vhost,
        "--default-queue-type",
        "x");
  }

  @Test
  @DisplayName("queues, exchanges and bindings are listed, with the columns that are asked for")
  void topology() throws Exception {
    String vhost = newVhost();
    try (Connection connection = connect(broker.user(), vhost);
        Channel channel = connection.createChannel()) {
      channel.queueDeclare("q", true, false, false, Map.of("x-queue-type", "classic"));
      channel.exchangeDeclare(
          "x", "topic", true, false, Map.of("alternate-exchange", "amq.fanout"));
      channel.queueBind("q", "x", "a.#", Map.of("k", "v"));
      channel.confirmSelect();
      channel.basicPublish("", "q", null, new byte[3]);
      channel.waitForConfirmsOrDie(10_000);
      printsOnly("q\t1", "list_queues", "-s", "-p", vhost);
      printsOnly(
          "name\ttype\tdurable\tauto_delete\targuments\tpolicy\texclusive\tmessages_ready\tstate\n"
              + "q\tclassic\ttrue\tfalse\t[{\"x-queue-type\",\"classic\"}]\t\tfalse\t1\trunning",
          "list_queues",
          "-q",
          "-p",
          vhost,
          "name",
          "type",
          "durable,auto_delete",
          "arguments",
          "policy",
          "exclusive",
          "messages_ready",
          "state");
      printsOnly(
          "[\n{\"name\":\"q\",\"arguments\":[[\"x-queue-type\",\"longstr\",\"classic\"]]}\n]",
          "list_queues",
          "-p",
          vhost,
          "name",
          "arguments",
          "--formatter",
          "json");
      prints(
          List.of("x\ttopic\t[{\"alternate-exchange\",\"amq.fanout\"}]"),
          "list_exchanges",
          "-p",
          vhost,
          "name",
          "type",
          "arguments");
      prints(List.of("Listing bindings for vhost " + vhost + "..."), "list_bindings", "-p", vhost);
      prints(List.of("x\texchange\tq\tqueue\ta.#\t[{\"k\",\"v\"}]"), "list_bindings", "-p", vhost);
      channel.basicQos(7);
      channel.basicConsume("q", false, "tag", (tag, delivery) -> {}, tag -> {});
      printsOnly(
          "q\ttag\ttrue\t7\ttrue",
          "list_consumers",
          "-s",
          "-p",
          vhost,
          "queue_name",
          "consumer_tag",
          "ack_required",
          "prefetch_count",
          "active");
      prints(
          List.of("%s\t127.0.0.1\trunning\t%s\t{0,9,1}".formatted(broker.user(), vhost)),
          "list_connections",
          "user",
          "peer_host",
          "state",
          "vhost",
          "protocol");
    }
    fails(
        UNAVAILABLE,
        "queue 'q' in vhost '" + vhost + "' not empty",
        "delete_queue",
        "-p",
        vhost,
        "q",
        "--if-empty");
    printsOnly("Purging queue 'q' in vhost '" + vhost + "' ...", "purge_queue", "-p", vhost, "q");
    printsOnly(
        "Deleting queue 'q' on vhost '%s' if queue is empty ...\nQueue was successfully deleted with 0 ready messages"
            .formatted(vhost),
        "delete_queue",
        "-p",
        vhost,
        "q",
        "--if-empty");
    fails(USAGE, "Error:\nQueue not found", "delete_queue", "-p", vhost, "q");
    fails(
        DATA,
        "Object (queue, stream, exchange, etc) was not found",
        "purge_queue",
        "-p",
        vhost,
        "q");
  }

  @Test
  @DisplayName("connections are closed, by their pid or all of a virtual host")
  void connections() throws Exception {
    String vhost = newVhost();
    Connection first = connect(broker.user(), vhost);
    String pid =
        Awaitility.await()
            .until(
                () -> tool("list_connections", "-s", "pid", "vhost").out(),
                out -> out.contains(vhost))
            .lines()
            .filter(line -> line.endsWith("\t" + vhost))
            .findFirst()
            .orElseThrow()
            .split("\t")[0];
    printsOnly("Closing connection " + pid + ", reason: bye...", "close_connection", pid, "bye");
    expectClosed(first);
    Connection second = connect(broker.user(), vhost);
    prints(List.of("Closed 1 connections"), "close_all_connections", "-p", vhost, "bye");
    expectClosed(second);
    fails(UNAVAILABLE, "{:invalid_pid_syntax, \"nobody\"}", "close_connection", "nobody", "bye");
  }

  private static void expectClosed(Connection connection) {
    Awaitility.await().until(() -> !connection.isOpen());
    assertThat(connection.getCloseReason()).hasMessageContaining("CONNECTION_FORCED - bye");
  }

  @Test
  @DisplayName("the node tells of itself")
  void node() throws Exception {
    prints(List.of("Ping succeeded"), "ping");
    printsOnly("Ping succeeded", "ping", "-q");
    assertThat(tool("status", "-q").out())
        .contains("Runtime\n", "RabbitMQ version: ", "Listeners\n");
    assertThat(tool("cluster_status").out()).contains("Running Nodes\n", "Network Partitions\n");
    printsOnly("", "await_startup");
    fails(UNAVAILABLE, "This command does not rotate logs anymore [deprecated]", "rotate_logs");
    ControlRequest.Outcome elsewhere = tool("-n", "other@localhost", "list_users");
    assertThat(elsewhere.code()).isEqualTo(UNAVAILABLE);
    assertThat(elsewhere.err())
        .contains("Error: unable to perform an operation on node 'other@localhost'.");
  }

  @Test
  @DisplayName("virtual hosts have descriptions and tags")
  void vhosts() throws Exception {
    String vhost = newVhost();
    printsOnly(
        "Updating metadata of vhost \"" + vhost + "\" ...",
        "update_vhost_metadata",
        vhost,
        "--description",
        "first one",
        "--tags",
        "a,b");
    prints(
        List.of(
            "Listing vhosts ...",
            "name\ttracing\tdescription\ttags",
            vhost + "\tfalse\tfirst one\t[a, b]"),
        "list_vhosts",
        "name",
        "tracing",
        "description",
        "tags");
    fails(USAGE, "Info key(s) nonsense are not supported", "list_vhosts", "name", "nonsense");
  }
}
