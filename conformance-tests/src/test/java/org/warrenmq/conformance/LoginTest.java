package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AuthenticationFailureException;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.PossibleAuthenticationFailureException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Who gets in, and what the others are told. */
class LoginTest extends ConformanceTest {
  private static final String REFUSED =
      "ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. For details see the"
          + " broker logfile.";
  private static final Map<String, Object> WANTS_CLOSE =
      Map.of("capabilities", Map.of("authentication_failure_close", true));

  @Test
  @Behaviour({11, 50})
  @DisplayName("a missing vhost is refused with 530")
  void missingVhost() throws Exception {
    RawConnection raw = rawConnection();
    raw.login(raw.hello());
    raw.tuneOk(2047, 131072, 0);

    raw.openVhost("conformance-missing");

    AMQP.Connection.Close close =
        raw.expectConnectionClose(530, "NOT_ALLOWED - vhost conformance-missing not found");
    assertThat(close.getClassId()).isEqualTo(10);
    assertThat(close.getMethodId()).isEqualTo(40);
    raw.expectEof();
  }

  @Test
  @Behaviour({13, 50})
  @DisplayName("a wrong password is refused with 403 at once if the client can take it")
  void wrongPasswordWithCapability() throws Exception {
    RawConnection raw = rawConnection();
    raw.start();
    long begin = System.nanoTime();

    raw.startOk(wrongPassword().withClientProperties(WANTS_CLOSE));

    AMQP.Connection.Close close = raw.expectConnectionClose(403, REFUSED);
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(2));
    assertThat(close.getClassId()).isZero();
    assertThat(close.getMethodId()).isZero();
  }

  @Test
  @Behaviour(13)
  @DisplayName("the client library reports an authentication failure")
  void clientLearnsOfWrongPassword() {
    ConnectionFactory factory = broker.factory();
    factory.setPassword("wrong");

    assertThatThrownBy(factory::newConnection)
        .isInstanceOf(AuthenticationFailureException.class)
        .hasMessage(REFUSED);
  }

  @Test
  @Behaviour({14, 15})
  @DisplayName("without the capability, and for an unknown mechanism, the socket ends in silence")
  void silentRefusal() throws Exception {
    // Both at once: the broker lets such clients wait before it closes the socket.
    RawConnection wrongPassword = rawConnection();
    wrongPassword.start();
    RawConnection wrongMechanism = rawConnection();
    wrongMechanism.start();

    wrongPassword.startOk(wrongPassword());
    wrongMechanism.startOk(
        wrongMechanism.hello().with("X-NO-SUCH", bytes("x")).withClientProperties(WANTS_CLOSE));

    wrongPassword.expectSilence(Duration.ofMillis(500));
    wrongPassword.expectEof();
    wrongMechanism.expectEof();
  }

  @Test
  @Behaviour(17)
  @DisplayName("RABBIT-CR-DEMO is off by default: not offered, and refused like any unknown one")
  void demonstrationMechanismIsOff() throws Exception {
    RawConnection raw = rawConnection();
    AMQP.Connection.Start start = raw.start();
    assertThat(text(start.getMechanisms().getBytes()).split(" ")).doesNotContain("RABBIT-CR-DEMO");

    raw.startOk(
        raw.hello().with("RABBIT-CR-DEMO", bytes("guest")).withClientProperties(WANTS_CLOSE));

    raw.expectEof();
  }

  @Test
  @Behaviour(14)
  @DisplayName("a client library without the capability reports a possible failure")
  void clientWithoutCapabilityCanOnlyGuess() {
    ConnectionFactory factory = broker.factory();
    factory.setPassword("wrong");
    Map<String, Object> properties = new HashMap<>(factory.getClientProperties());
    properties.remove("capabilities");
    factory.setClientProperties(properties);

    assertThatThrownBy(factory::newConnection)
        .isInstanceOf(PossibleAuthenticationFailureException.class)
        .isNotInstanceOf(AuthenticationFailureException.class);
  }

  @Test
  @Behaviour(16)
  @DisplayName("PLAIN: NUL, user, NUL, password")
  void plain() throws Exception {
    RawConnection raw = rawConnection();

    raw.open(RawConnection.Hello.plain(broker.user(), broker.password()), 2047, 131072, 0);

    raw.openChannel(1);
  }

  @Test
  @Behaviour(16)
  @DisplayName("AMQPLAIN: a table without its length")
  void amqplain() throws Exception {
    RawConnection raw = rawConnection();

    raw.open(raw.hello().with("AMQPLAIN", amqplainResponse(broker.password())), 2047, 131072, 0);

    raw.openChannel(1);
  }

  @Test
  @Behaviour(16)
  @DisplayName("AMQPLAIN: name and password may be byte arrays")
  void amqplainWithByteArrays() throws Exception {
    RawConnection raw = rawConnection();
    byte[] response = amqplainResponse('x', broker.password());

    raw.open(raw.hello().with("AMQPLAIN", response), 2047, 131072, 0);

    raw.openChannel(1);
  }

  @Test
  @Behaviour({14, 16})
  @DisplayName("PLAIN: with an authorisation identity nobody is let in")
  void plainForSomebodyElse() throws Exception {
    // Without the capability, so that the end is silent whatever the reason.
    for (String identity : new String[] {broker.user(), "somebody"}) {
      RawConnection raw = rawConnection();
      raw.start();
      String response = identity + "\0" + broker.user() + "\0" + broker.password();

      raw.startOk(raw.hello().with("PLAIN", bytes(response)));

      raw.expectEof();
    }
  }

  @Test
  @Behaviour({13, 16})
  @DisplayName("AMQPLAIN with a wrong password is refused by its own name")
  void amqplainWithWrongPassword() throws Exception {
    RawConnection raw = rawConnection();
    raw.start();

    raw.startOk(
        raw.hello().with("AMQPLAIN", amqplainResponse("wrong")).withClientProperties(WANTS_CLOSE));

    raw.expectConnectionClose(403, REFUSED.replace("mechanism PLAIN", "mechanism AMQPLAIN"));
  }

  @Test
  @Behaviour(18)
  @DisplayName("ANONYMOUS logs in as the default user where it is offered")
  void anonymous() throws Exception {
    RawConnection raw = rawConnection();
    List<String> mechanisms = List.of(raw.start().getMechanisms().toString().split(" "));
    assertThat(mechanisms).contains("ANONYMOUS");

    raw.startOk(raw.hello().with("ANONYMOUS", new byte[0]));
    raw.expect(0, AMQP.Connection.Tune.class);
    raw.tuneOk(2047, 131072, 0);
    raw.openVhost(broker.vhost());
    raw.expect(0, AMQP.Connection.OpenOk.class);
    raw.openChannel(1);

    // It acts as the default user: a message with that user's id is let in.
    raw.send(1, RawConnection.publishMethod("", "conformance-nowhere"));
    raw.sendHeader(1, 0, new AMQP.BasicProperties.Builder().userId("guest").build());
    raw.send(1, new AMQP.Channel.Flow.Builder().active(true).build());
    assertThat(raw.expect(1, AMQP.Channel.FlowOk.class).getActive()).isTrue();
  }

  private RawConnection.Hello wrongPassword() {
    return RawConnection.Hello.plain(broker.user(), "wrong");
  }

  private byte[] amqplainResponse(String password) {
    return amqplainResponse('S', password);
  }

  private byte[] amqplainResponse(char tag, String password) {
    return new Octets()
        .field("LOGIN", tag, new Octets().longString(broker.user()))
        .field("PASSWORD", tag, new Octets().longString(password))
        .toBytes();
  }
}
