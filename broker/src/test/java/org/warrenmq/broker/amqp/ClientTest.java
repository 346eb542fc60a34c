package org.warrenmq.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.warrenmq.codec.FieldTable;

class ClientTest {
  @Test
  @DisplayName("capabilities count where they are true, and only in their own table")
  void capabilities() {
    FieldTable capabilities =
        FieldTable.builder()
            .put("consumer_cancel_notify", true)
            .put("authentication_failure_close", false)
            .put("connection.blocked", "true")
            .build();
    Client client =
        Client.of(
            FieldTable.builder()
                .put("capabilities", capabilities)
                .put("connection.blocked", true)
                .build());
    assertThat(client.wantsCancelNotifications()).isTrue();
    assertThat(client.wantsAuthenticationFailureClose()).isFalse();
    assertThat(client.wantsBlockedNotifications()).isFalse();
    assertThat(Client.of(FieldTable.EMPTY)).isEqualTo(Client.UNKNOWN);
  }

  @Test
  @DisplayName("texts are kept up to a length, whole characters of them, and nothing else is")
  void texts() {
    String longest = "n".repeat(Client.MAX_TEXT);
    Client client =
        Client.of(
            FieldTable.builder()
                .put("connection_name", longest + "n")
                .put("product", "a product")
                .put("version", 7)
                .put("platform", "p".repeat(Client.MAX_TEXT - 1) + "\uD83D\uDC07")
                .build());
    assertThat(client.connectionName()).isEqualTo(longest);
    assertThat(client.product()).isEqualTo("a product");
    assertThat(client.version()).isNull();
    assertThat(client.platform()).isEqualTo("p".repeat(Client.MAX_TEXT - 1));
  }
}
