package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.warrenmq.broker.TestBroker.await;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.Method;
import com.rabbitmq.client.impl.LongStringHelper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a broker's log says of its clients, and in whose language. The broker is a process that
 * starts where numbers are written in Arabic digits.
 */
class LogTest {
  private static final List<String> EGYPT = List.of("-Duser.language=ar", "-Duser.country=EG");
  private static final List<String> TURKEY = List.of("-Duser.language=tr", "-Duser.country=TR");
  private static final String HOSTILE = "\n2026 ERROR\r\033[31m\u007f\u0085\u202e\u2028";
  private static final String SPELLED = "\\n2026 ERROR\\r\\e[31m\\u007f\\u0085\\u202e\\u2028";

  @TempDir private static Path folder;
  private static MainProcess broker;

  @BeforeAll
  static void start() throws Exception {
    Path config =
        Files.write(
            folder.resolve("warren.conf"),
            List.of("listeners.tcp.default = 127.0.0.1:0", "management.tcp.port = 0"));
    String data = folder.resolve("data").toString();
    broker = MainProcess.start(folder, EGYPT, "--config", config.toString(), "--data", data);
    broker.awaitStarted();
  }

  @AfterAll
  static void stop() throws Exception {
    broker.close();
  }

  private static RawClient started() throws IOException {
    RawClient client = RawClient.connect(broker.port());
    client.send(RawClient.PROTOCOL_HEADER);
    client.expect(0, AMQP.Connection.Start.class);
    return client;
  }

  private static Method startOk(String mechanism, String response) {
    return new AMQP.Connection.StartOk.Builder()
        .clientProperties(Map.of("capabilities", Map.of("authentication_failure_close", true)))
        .mechanism(mechanism)
        .response(LongStringHelper.asLongString(response))
        .locale("en_US")
        .build();
  }

  private static String awaitLine(String part) throws IOException {
    await("a line with " + part).until(() -> broker.says(part));
    return broker.lines().stream().filter(line -> line.contains(part)).findFirst().orElseThrow();
  }

  private static Connection connect() throws Exception {
    ConnectionFactory factory = new ConnectionFactory();
    factory.setHost("127.0.0.1");
    factory.setPort(broker.port());
    factory.setAutomaticRecoveryEnabled(false);
    return factory.newConnection();
  }

  @Test
  @DisplayName("a refused login names user and peer, and no password")
  void refusedLogin() throws Exception {
    try (RawClient client = started()) {
      client.send(0, startOk("PLAIN", "\0bob\0hunter2"));
      assertThat(client.expect(0, AMQP.Connection.Close.class).getReplyCode()).isEqualTo(403);
      assertThat(awaitLine("login of 'bob'"))
          .contains("WARN", "/127.0.0.1:", "using PLAIN was refused");
      assertThat(broker.says("hunter2")).isFalse();
    }
  }

  @Test
  @DisplayName("of a response that cannot be read nothing is repeated")
  void malformedLogin() throws Exception {
    for (String response : new String[] {"eve\0swordfish", "eve\0eve\0swordfish", "swordfish"}) {
      try (RawClient client = started()) {
        client.send(0, startOk("PLAIN", response));
        assertThat(client.expect(0, AMQP.Connection.Close.class).getReplyCode()).isEqualTo(403);
      }
    }
    assertThat(awaitLine("malformed response")).contains("/127.0.0.1:", "PLAIN");
    assertThat(broker.says("swordfish")).isFalse();
  }

  @Test
  @DisplayName("octets that do not decode are the client's to see, not the log's")
  void undecodableStartOk() throws Exception {
    byte[] startOk = RawClient.frame(0, startOk("PLAIN", "\0guest\0opensesame"));
    byte[] longer = Arrays.copyOfRange(startOk, 7, startOk.length);
    byte[] wrongEnd = startOk.clone();
    wrongEnd[wrongEnd.length - 1] = 0;
    try (RawClient client = started();
        RawClient other = started()) {
      client.send(RawClient.frame(RawClient.METHOD, 0, longer));
      AMQP.Connection.Close close = client.expect(0, AMQP.Connection.Close.class);
      assertThat(close.getReplyText()).startsWith("FRAME_ERROR - cannot decode <<");
      other.send(wrongEnd);
      close = other.expect(0, AMQP.Connection.Close.class);
      assertThat(close.getReplyText()).contains("first 16 octets = <<");
    }
    awaitLine("FRAME_ERROR - cannot decode the arguments of method 10.11");
    awaitLine("FRAME_ERROR - type 1: {invalid_frame_end_marker,0}");
    String octets = Arrays.toString("sesame".getBytes(StandardCharsets.UTF_8)).replace(" ", "");
    assertThat(broker.says("sesame")).isFalse();
    assertThat(broker.says(octets.substring(1, octets.length() - 1))).isFalse();
    assertThat(broker.says("<<")).isFalse();
  }

  @Test
  @DisplayName("names cannot break lines or steer a terminal, before the login and after it")
  void hostileNames() throws Exception {
    try (RawClient client = started();
        RawClient other = started()) {
      client.send(0, startOk("mechanism" + HOSTILE, ""));
      other.send(0, startOk("PLAIN", "\0user" + HOSTILE + "\0password"));
      awaitLine("'mechanism" + SPELLED + "'");
      awaitLine("'user" + SPELLED + "'");
    }
    try (Connection connection = connect()) {
      Channel channel = connection.createChannel();
      channel.basicPublish("exchange" + HOSTILE, "", null, new byte[0]);
      awaitLine("no exchange 'exchange" + SPELLED + "'");
    }
    assertThat(broker.lines()).noneMatch(line -> line.startsWith("2026 ERROR"));
    assertThat(Files.readString(broker.output())).doesNotContain("\033", "\u007f", "\u202e");
  }

  @Test
  @DisplayName("arguments without effect are named once, when the queue is made")
  void argumentsInVain() throws Exception {
    try (Connection connection = connect()) {
      Channel channel = connection.createChannel();
      Map<String, Object> arguments =
          Map.of("x-queue-mode", "lazy", "x-single-active-consumer", true, "x-unknown", 1);
      channel.queueDeclare("in-vain", false, true, false, arguments);
      channel.queueDeclare("in-vain", false, true, false, arguments);
      channel.queueDeclare("plain", false, true, false, Map.of("x-queue-type", "classic"));
      channel.queueDeclare("copies", true, false, false, Map.of("x-queue-type", "quorum"));
    }
    awaitLine("queue 'copies' in vhost '/': x-queue-type without effect so far");
    assertThat(broker.lines())
        .filteredOn(line -> line.contains("without effect") && !line.contains("copies"))
        .singleElement()
        .asString()
        .endsWith("queue 'in-vain' in vhost '/': x-queue-mode without effect so far");
  }

  @Test
  @DisplayName("clients get the same texts wherever the broker was started")
  void textsForClients() throws Exception {
    try (RawClient client = RawClient.connect(broker.port())) {
      client.open(Map.of());
      client.send(1, new AMQP.Basic.Publish.Builder().exchange("").routingKey("q").build());
      byte[] header = RawClient.contentHeader(1);
      header[1] = 50;
      client.send(RawClient.frame(RawClient.HEADER, 1, header));
      assertThat(client.expect(0, AMQP.Connection.Close.class).getReplyText())
          .isEqualTo(
              "UNEXPECTED_FRAME - expected content header for class 60, got one for class 50"
                  + " instead");
    }
  }

  @Test
  @DisplayName("settings are read and complained of in the same way")
  void settings() throws Exception {
    Path config = Files.writeString(folder.resolve("wrong.conf"), "heartbeat = 65536\n");
    for (List<String> somewhere : List.of(EGYPT, TURKEY)) {
      try (MainProcess refused =
          MainProcess.start(folder, somewhere, "--config", config.toString())) {
        refused.process().waitFor();
        assertThat(refused.lines())
            .singleElement()
            .asString()
            .endsWith("heartbeat = 65536: expected a number of seconds, 0 to 65535");
      }
    }
  }
}
