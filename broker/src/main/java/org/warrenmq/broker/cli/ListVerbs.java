package org.warrenmq.broker.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.local.LocalApi;

/** The verbs that list what clients see: queues, exchanges, bindings, connections. Stateless. */
final class ListVerbs {
  private static final Columns QUEUES =
      Columns.of("name", "messages")
          .and(
              "type",
              "durable",
              "auto_delete",
              "arguments",
              "policy",
              "operator_policy",
              "effective_policy_definition",
              "exclusive",
              "messages_ready",
              "messages_unacknowledged",
              "consumers",
              "state")
          .with("owner_pid", queue -> Names.owner(queue))
          .with("leader", queue -> queue.getValue("node"))
          .with("members", ListVerbs::onlyNode)
          .with("online", ListVerbs::onlyNode)
          .andEmpty(
              "consumer_capacity",
              "consumer_utilisation",
              "disk_reads",
              "disk_writes",
              "exclusive_consumer_pid",
              "exclusive_consumer_tag",
              "head_message_timestamp",
              "memory",
              "message_bytes",
              "message_bytes_persistent",
              "message_bytes_ram",
              "message_bytes_ready",
              "message_bytes_unacknowledged",
              "messages_persistent",
              "messages_ram",
              "messages_ready_ram",
              "messages_unacknowledged_ram",
              "pid");

  private static final Columns EXCHANGES =
      Columns.of("name", "type").and("durable", "auto_delete", "internal", "arguments", "policy");

  private static final Columns BINDINGS =
      Columns.of(
              "source_name",
              "source_kind",
              "destination_name",
              "destination_kind",
              "routing_key",
              "arguments")
          .with("source_name", binding -> binding.getValue("source"))
          .with("source_kind", _ -> "exchange")
          .with("destination_name", binding -> binding.getValue("destination"))
          .with("destination_kind", binding -> binding.getValue("destination_type"));

  private static final Columns CONNECTIONS =
      Columns.of("user", "peer_host", "peer_port", "state")
          .and(
              "name",
              "host",
              "port",
              "vhost",
              "channels",
              "ssl",
              "auth_mechanism",
              "timeout",
              "frame_max",
              "channel_max",
              "client_properties",
              "connected_at")
          .with("pid", Names::connection)
          .with("protocol", _ -> Names.PROTOCOL)
          .andEmpty(
              "peer_cert_issuer",
              "peer_cert_subject",
              "peer_cert_validity",
              "recv_cnt",
              "recv_oct",
              "send_cnt",
              "send_oct",
              "send_pend",
              "ssl_cipher",
              "ssl_hash",
              "ssl_key_exchange",
              "ssl_protocol");

  private static final Columns CHANNELS =
      Columns.of("pid", "user", "consumer_count", "messages_unacknowledged")
          .and(
              "name",
              "number",
              "vhost",
              "transactional",
              "confirm",
              "prefetch_count",
              "messages_uncommitted",
              "acks_uncommitted",
              "messages_unconfirmed")
          .with("pid", Names::channel)
          .with("connection", Names::connectionOf);

  private static final Columns CONSUMERS =
      Columns.of(
              "queue_name",
              "channel_pid",
              "consumer_tag",
              "ack_required",
              "prefetch_count",
              "active",
              "arguments")
          .and("activity_status")
          .with("queue_name", consumer -> consumer.getJsonObject("queue").getValue("name"))
          .with("channel_pid", Names::channelOf);

  private ListVerbs() {}

  static List<Verb> all() {
    return List.of(
        Verb.of("list_queues", "Lists queues", "[<column>…]")
            .with(Flag.ONLINE, Flag.OFFLINE, Flag.LOCAL)
            .saying(
                call ->
                    "Timeout: %s.0 seconds ...\nListing queues for vhost %s ..."
                        .formatted(call.timeout(60), call.vhost()))
            .does(ListVerbs::queues),
        Verb.of("list_unresponsive_queues", "Every queue answers: lists none", "[<column>…]")
            .says("Listing unresponsive queues for vhost {vhost} ...")
            .does(call -> QUEUES.rows(QUEUES.wanted(call), List.of())),
        list("list_exchanges", "exchanges", "exchanges for vhost {vhost} ...", EXCHANGES),
        list("list_bindings", "bindings", "bindings for vhost {vhost}...", BINDINGS),
        list("list_consumers", "consumers", "consumers in vhost {vhost} ...", CONSUMERS),
        Verb.of("list_connections", "Lists connections", "[<column>…]")
            .says("Listing connections ...")
            .does(call -> CONNECTIONS.rows(CONNECTIONS.wanted(call), call.rows("/connections"))),
        Verb.of("list_channels", "Lists channels", "[<column>…]")
            .says("Listing channels ...")
            .does(call -> CHANNELS.rows(CHANNELS.wanted(call), call.rows("/channels"))));
  }

  private static Verb list(String name, String kind, String doing, Columns columns) {
    return Verb.of(name, "Lists " + kind + " of a virtual host", "[<column>…]")
        .says("Listing " + doing)
        .does(
            call -> {
              List<String> wanted = columns.wanted(call);
              return columns.rows(wanted, there(call, kind));
            });
  }

  /** Of a virtual host that is not there, none. */
  private static List<JsonObject> there(Call call, String kind) throws IOException, Refused {
    String path = LocalApi.path(kind, call.vhost());
    LocalApi.Answer answer = call.api().get(path);
    if (answer.status() == Call.NOT_FOUND) {
      return List.of();
    }
    List<JsonObject> rows = new ArrayList<>();
    if (Call.good(answer).json() instanceof JsonArray array) {
      array.forEach(row -> rows.add((JsonObject) row));
    }
    return rows;
  }

  private static Answer queues(Call call) throws IOException, Refused {
    List<String> wanted = QUEUES.wanted(call);
    return QUEUES.rows(wanted, call.has(Flag.OFFLINE) ? List.of() : there(call, "queues"));
  }

  private static @Nullable Object onlyNode(JsonObject queue) {
    return new JsonArray().add(queue.getValue("node"));
  }
}
