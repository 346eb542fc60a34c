package org.warrenmq.broker.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.warrenmq.codec.FieldTable;

/**
 * How the broker introduces itself. Clients switch features on product and version, so both are
 * RabbitMQ's; who really answers stands under a key of its own.
 */
public final class ServerIdentity {
  /** The product whose behaviour we keep. */
  public static final String PRODUCT = "RabbitMQ";

  /** Its version. */
  public static final String VERSION = "4.0.5";

  private static final String[] CAPABILITIES = {
    "publisher_confirms",
    "exchange_exchange_bindings",
    "basic.nack",
    "consumer_cancel_notify",
    "connection.blocked",
    "consumer_priorities",
    "authentication_failure_close",
    "per_consumer_qos",
    "direct_reply_to"
  };

  private static final Path HOST = Path.of("/proc/sys/kernel/hostname");

  private ServerIdentity() {}

  /** The node's name, by RabbitMQ's usual one and the host's, without asking any name server. */
  public static String node() {
    String host;
    try {
      host = Files.readString(HOST).strip();
    } catch (IOException e) {
      host = "";
    }
    int dot = host.indexOf('.');
    return "rabbit@" + (dot > 0 ? host.substring(0, dot) : host.isEmpty() ? "localhost" : host);
  }

  /** Our own name and version. */
  public static String broker() {
    String version = ServerIdentity.class.getPackage().getImplementationVersion();
    return "WarrenMQ " + (version == null ? "development" : version);
  }

  /** What connection.start says of the server. */
  public static FieldTable properties(String clusterName) {
    FieldTable.Builder capabilities = FieldTable.builder();
    for (String capability : CAPABILITIES) {
      capabilities.put(capability, true);
    }
    return FieldTable.builder()
        .put("capabilities", capabilities.build())
        .put("cluster_name", clusterName)
        .put("copyright", "Licensed under the Apache License 2.0.")
        .put("information", "RabbitMQ-compatible AMQP 0-9-1 broker")
        .put("platform", "Java " + Runtime.version().feature())
        .put("product", PRODUCT)
        .put("version", VERSION)
        .put("broker", broker())
        .build();
  }
}
