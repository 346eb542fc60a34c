package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The first octets of a connection, both ways. */
class ConnectionStartTest extends ConformanceTest {
  private static final Set<String> CAPABILITIES =
      Set.of(
          "publisher_confirms",
          "exchange_exchange_bindings",
          "basic.nack",
          "consumer_cancel_notify",
          "connection.blocked",
          "consumer_priorities",
          "authentication_failure_close",
          "per_consumer_qos",
          "direct_reply_to");

  @Test
  @Behaviour(1)
  @DisplayName("header 0-0-9-1 gets connection.start with version, mechanisms and locales")
  void startOffersVersionMechanismsAndLocale() throws Exception {
    AMQP.Connection.Start start = rawConnection().start();

    assertThat(start.getVersionMajor()).isZero();
    assertThat(start.getVersionMinor()).isEqualTo(9);
    assertThat(start.getMechanisms().toString().split(" ")).contains("PLAIN", "AMQPLAIN");
    assertThat(start.getLocales()).hasToString("en_US");
  }

  @Test
  @Behaviour(2)
  @DisplayName("header 0-0-9-9 gets the octets of 0-0-9-1 and the end of the stream")
  void laterVersionGetsSupportedHeader() throws Exception {
    RawConnection raw = rawConnection();

    raw.send(new byte[] {'A', 'M', 'Q', 'P', 0, 0, 9, 9});

    assertThat(raw.readOctets(8)).containsExactly('A', 'M', 'Q', 'P', 0, 0, 9, 1);
    raw.expectEof();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"GET / HT", "AMQX\0\0\t\1", "\u007f\u007f\u007f\u007f\u007f\u007f\u007f\1"})
  @Behaviour(2)
  @DisplayName("garbage gets a supported header and the end of the stream")
  void garbageGetsSupportedHeader(String garbage) throws Exception {
    RawConnection raw = rawConnection();

    raw.send(bytes(garbage));

    // A broker that speaks AMQP 1.0 on this port answers with that protocol's SASL header.
    assertThat(raw.readOctets(8))
        .isIn(
            new byte[] {'A', 'M', 'Q', 'P', 0, 0, 9, 1},
            new byte[] {'A', 'M', 'Q', 'P', 3, 1, 0, 0});
    raw.expectEof();
  }

  @Test
  @Behaviour(3)
  @DisplayName("header 1-1-8-0 gets connection.start 8-0 or a supported header and the end")
  void version08IsServedOrRefused() throws Exception {
    RawConnection raw = rawConnection();

    raw.send(new byte[] {'A', 'M', 'Q', 'P', 1, 1, 8, 0});

    byte[] first = raw.readOctets(8);
    if (first[0] == RawFrame.METHOD) {
      // Frame of channel 0, whose payload starts with the class id 10.
      assertThat(first).startsWith(1, 0, 0).endsWith(0);
      assertThat(raw.readOctets(5)).containsExactly(10, 0, 10, 8, 0);
    } else {
      assertThat(first).startsWith('A', 'M', 'Q', 'P');
      raw.expectEof();
    }
  }

  @Test
  @Behaviour(4)
  @DisplayName("server properties name the product and all capabilities")
  void serverPropertiesHoldCapabilities() throws Exception {
    Map<String, Object> properties = connection().getServerProperties();

    assertThat(properties)
        .containsKeys(
            "product",
            "version",
            "platform",
            "copyright",
            "information",
            "cluster_name",
            "capabilities");
    assertThat(properties.get("capabilities")).isInstanceOf(Map.class);
    Map<?, ?> capabilities = (Map<?, ?>) properties.get("capabilities");
    assertThat(CAPABILITIES)
        .allSatisfy(name -> assertThat(capabilities.get(name)).as(name).isEqualTo(true));
  }

  @Test
  @Behaviour(5)
  @DisplayName("the version parses as x.y.z")
  void versionHasThreeNumbers() throws Exception {
    assertThat(connection().getServerProperties().get("version").toString())
        .matches("\\d+\\.\\d+\\.\\d+");
  }
}
