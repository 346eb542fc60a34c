package org.warrenmq.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.warrenmq.broker.ForgetfulStore;
import org.warrenmq.broker.auth.AuthBackend;
import org.warrenmq.broker.auth.CertificateName;
import org.warrenmq.broker.auth.Credentials;
import org.warrenmq.broker.auth.HandAccounts;
import org.warrenmq.broker.auth.Login;
import org.warrenmq.broker.auth.Peer;
import org.warrenmq.broker.auth.SaslMechanism;
import org.warrenmq.broker.auth.SaslMechanisms;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.broker.topology.Topology;
import org.warrenmq.codec.ConnectionMethod;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.engine.loop.NodeMemory;
import org.warrenmq.router.ExchangeTypes;

/**
 * The user guest may log in from this machine only, unless configured otherwise (BEHAVIOURS 19).
 * Addresses are told to the handshake, since a test has no other machine to come from.
 */
class LoopbackUserTest {
  private static final FieldTable TELL_ME =
      FieldTable.builder()
          .put(
              "capabilities",
              FieldTable.builder().put("authentication_failure_close", true).build())
          .build();

  private static final SaslMechanisms WITH_ANONYMOUS =
      new SaslMechanisms(
          List.of(SaslMechanism.PLAIN, SaslMechanism.ANONYMOUS),
          CertificateName.DEFAULT,
          new Credentials.Password("guest", "guest"));

  private final Topology topology =
      new Topology(ExchangeTypes.load(), new ForgetfulStore(), NodeMemory.unlimited(), false);

  @AfterEach
  void close() {
    topology.close();
  }

  private Handshake.Step login(String mechanism, String address, boolean loopbackOnly) {
    Handshake handshake =
        new Handshake(
            BrokerConfig.defaults(),
            HandAccounts.chain(HandAccounts.guest(), loopbackOnly),
            WITH_ANONYMOUS,
            topology,
            new Usage(),
            new Peer(InetAddress.ofLiteral(address), 50_000),
            Runnable::run);
    byte[] response = "\0guest\0guest".getBytes(StandardCharsets.UTF_8);
    return handshake.take(
        new ConnectionMethod.StartOk(TELL_ME, mechanism, response, "en_US"),
        later -> fail("answered later: " + later));
  }

  @Test
  void fromThisMachine() {
    assertThat(login("PLAIN", "127.0.0.1", true)).isInstanceOf(Handshake.Step.Reply.class);
    assertThat(login("PLAIN", "::1", true)).isInstanceOf(Handshake.Step.Reply.class);
    assertThat(login("ANONYMOUS", "127.0.0.1", true)).isInstanceOf(Handshake.Step.Reply.class);
  }

  @Test
  void fromElsewhere() {
    for (String mechanism : new String[] {"PLAIN", "ANONYMOUS"}) {
      assertThat(login(mechanism, "192.0.2.1", true))
          .isInstanceOfSatisfying(
              Handshake.Step.Refuse.class,
              refusal -> {
                assertThat(refusal.error())
                    .hasMessage(
                        "ACCESS_REFUSED - Login was refused using authentication mechanism "
                            + mechanism
                            + ". For details see the broker logfile.");
                assertThat(refusal.error().classId()).as("no method is named").isZero();
              });
    }
  }

  @Test
  void anonymousIsNobodyWithAPasswordOfOnesOwn() {
    AuthBackend users = HandAccounts.chain(HandAccounts.guest("secret"), false);
    Peer peer = new Peer(InetAddress.getLoopbackAddress(), 50_000);
    assertThat(SaslMechanism.ANONYMOUS.login(new byte[0], WITH_ANONYMOUS, users, peer))
        .isCompletedWithValue(new Login.Refused("guest"));
  }

  @Test
  void fromElsewhereWhenAllowed() {
    assertThat(login("PLAIN", "192.0.2.1", false)).isInstanceOf(Handshake.Step.Reply.class);
  }
}
