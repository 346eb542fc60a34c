package org.warrenmq.broker.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.warrenmq.admin.local.LocalApi;

/** The verbs that ask whether all is well, most of them rabbitmq-diagnostics'. Stateless. */
final class HealthVerbs {
  private static final int CONNECT_MILLIS = 5_000;

  private HealthVerbs() {}

  static List<Verb> all() {
    return Stream.of(states(), listeners(), others()).flatMap(List::stream).toList();
  }

  private static List<Verb> states() {
    return List.of(
        Verb.of("check_running", "Fails if the broker does not run")
            .says("Checking if RabbitMQ is running on node {node} ...")
            .does(HealthVerbs::running),
        Verb.of("is_running", "Says whether the broker runs")
            .says("Asking node {node} for its status ...")
            .does(HealthVerbs::running),
        Verb.of("is_booting", "Says whether the broker starts")
            .says("Asking node {node} for its boot status ...")
            .does(HealthVerbs::booting),
        Verb.of("check_local_alarms", "Fails if there is an alarm")
            .says("Asking node {node} to report any local resource alarms ...")
            .does(call -> alarms(call, "Node {node} reported no local alarms", true)),
        Verb.of("check_alarms", "Fails if there is an alarm")
            .says("Asking node {node} to report any local resource alarms ...")
            .does(
                call -> alarms(call, "Node {node} reported no alarms, local or clusterwide", true)),
        Verb.of("alarms", "Lists alarms")
            .says("Asking node {node} to report any known resource alarms ...")
            .does(
                call ->
                    alarms(call, "Node {node} reported no alarms, local or clusterwide", false)),
        Verb.of("check_virtual_hosts", "Fails if a virtual host does not run")
            .says("Checking if all vhosts are running on node {node} ...")
            .does(
                call -> {
                  call.object("/health/checks/virtual-hosts");
                  return new Answer.Text(call.fill("Node {node} reported all vhosts as running"));
                }));
  }

  private static List<Verb> listeners() {
    return List.of(
        Verb.of("listeners", "Lists the listeners")
            .says("Asking node {node} to report its protocol listeners ...")
            .does(
                call -> {
                  JsonArray there = NodeVerbs.listeners(call);
                  return new Answer.Report(
                      NodeVerbs.shown(there),
                      new JsonObject().put("listeners", NodeVerbs.told(there)));
                }),
        Verb.of("check_port_connectivity", "Connects to every listener")
            .says(
                "Testing TCP connections to all active listeners on node {node} using hostname"
                    + " resolution ...")
            .does(HealthVerbs::connect),
        Verb.of("check_port_listener", "Fails if nobody listens at a port", "<port>")
            .says("Asking node {node} if there's an active listener on port {0} ...")
            .does(HealthVerbs::port),
        Verb.of("check_protocol_listener", "Fails if nobody speaks a protocol", "<protocol>")
            .says("Asking node {node} if there's an active listener for protocol {0} ...")
            .does(HealthVerbs::protocol));
  }

  private static List<Verb> others() {
    return List.of(
        Verb.of("check_if_node_is_quorum_critical", "It is alone: it is not")
            .says("Checking if node {node} is critical for quorum of any queues/streams ...")
            .does(
                call ->
                    new Answer.Text(
                        call.fill(
                            "Node {node} seems to be the only one in a single node cluster, the"
                                + " check does not apply"))),
        Verb.of("list_policies_that_match", "Lists the policies for a queue", "<queue>")
            .says("Listing policies that match queue '{0}' in vhost '{vhost}' ...")
            .does(HealthVerbs::policies),
        Verb.of("resolve_hostname", "Asks for an address", "<host>")
            .says("Asking node {node} to resolve hostname {0} to IPv4 addresses...")
            .does(call -> new Answer.Text(InetAddress.getByName(call.given(0)).getHostAddress())));
  }

  private static Answer running(Call call) throws IOException, Refused {
    String text = call.fill("RabbitMQ on node {node} is fully booted and running");
    return new Answer.Report(text, new JsonObject().put("message", text).put("result", true));
  }

  private static Answer booting(Call call) throws IOException, Refused {
    String text =
        call.fill(
            "RabbitMQ on node {node} is fully booted (check with is_running), stopped or has not"
                + " started booting yet");
    return new Answer.Report(text, new JsonObject().put("message", text).put("result", false));
  }

  private static Answer alarms(Call call, String none, boolean fatal) throws IOException, Refused {
    JsonArray alarms = NodeVerbs.alarms(NodeVerbs.node(call));
    JsonObject json =
        new JsonObject()
            .put("result", alarms.isEmpty() ? "ok" : "error")
            .put("node", call.node())
            .put("alarms", alarms);
    if (alarms.isEmpty()) {
      return new Answer.Report(call.fill(none), json);
    }
    String text =
        alarms.stream()
            .map(alarm -> alarm + " alarm on node " + call.knownNode())
            .collect(Collectors.joining("\n"));
    if (fatal) {
      throw Refused.error(Refused.UNAVAILABLE, text);
    }
    return new Answer.Report(text, json);
  }

  private static Answer connect(Call call) throws IOException, Refused {
    StringJoiner ports = new StringJoiner(", ");
    for (Object each : NodeVerbs.listeners(call)) {
      JsonObject listener = (JsonObject) each;
      int port = listener.getInteger("port");
      InetAddress address = InetAddress.getByName(listener.getString("ip_address"));
      String host = address.isAnyLocalAddress() ? "localhost" : address.getHostAddress();
      call.tell("Will connect to " + host + ":" + port);
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(host, port), CONNECT_MILLIS);
      } catch (IOException e) {
        throw Refused.error(
            Refused.UNAVAILABLE,
            "Connection failed to port %d on node %s: %s"
                .formatted(port, call.node(), e.getMessage()));
      }
      ports.add(String.valueOf(port));
    }
    return new Answer.Text(
        "Successfully connected to ports %s on node %s (using node hostname resolution)"
            .formatted(ports, call.node()));
  }

  private static Answer port(Call call) throws IOException, Refused {
    if (!Pattern.matches("\\d{1,5}", call.given(0))) {
      throw Refused.badArgument("Argument must be a positive integer");
    }
    JsonObject answer = check(call, "port-listener");
    if (answer.containsKey("missing")) {
      throw Refused.plainly(
          Refused.UNAVAILABLE,
          ("No listener for port %s is active on node %s. Found listeners that use the following"
                  + " ports: %s")
              .formatted(call.given(0), call.node(), joined(answer, "ports")));
    }
    return new Answer.Text(call.fill("A listener for port {0} is running on node {node}."));
  }

  private static Answer protocol(Call call) throws IOException, Refused {
    JsonObject answer = check(call, "protocol-listener");
    if (answer.containsKey("missing")) {
      throw Refused.error(
          Refused.UNAVAILABLE,
          ("No listener for protocol %s is active on node %s. Found listeners for the following"
                  + " protocols: %s")
              .formatted(call.given(0), call.node(), joined(answer, "protocols")));
    }
    return new Answer.Text(call.fill("A listener for protocol {0} is running on node {node}."));
  }

  private static JsonObject check(Call call, String what) throws IOException {
    return call.api().get("/health/checks/" + what + LocalApi.path(call.given(0))).json()
            instanceof JsonObject answer
        ? answer
        : new JsonObject();
  }

  private static String joined(JsonObject answer, String key) {
    return answer.getJsonArray(key, new JsonArray()).stream()
        .map(Object::toString)
        .collect(Collectors.joining(", "));
  }

  private static Answer policies(Call call) throws IOException, Refused {
    LocalApi.Answer answer = call.api().get(LocalApi.path("queues", call.vhost(), call.given(0)));
    if (answer.status() == Call.NOT_FOUND) {
      throw Refused.noObject();
    }
    Object policy =
        Call.good(answer).json() instanceof JsonObject queue ? queue.getValue("policy") : null;
    List<JsonObject> all = call.rows(LocalApi.path("policies", call.vhost()));
    // The one that holds: others are not told apart from those that do not match.
    all.removeIf(one -> !String.valueOf(policy).equals(one.getValue("name")));
    return PolicyVerbs.POLICIES.rows(all);
  }
}
