package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which texts are an expiration. On the test thread. */
class ExpirationSyntaxTest extends MessagingTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "abc | no_integer",
        "'' | no_integer",
        "-1 | {value_negative,-1}",
        "10foo | {leftover_string,\"foo\"}",
        "1.5 | {leftover_string,\".5\"}"
      })
  @Behaviour(110)
  void anythingButAnUnsignedDecimalIsRefused(String expiration, String reason) throws Exception {
    String queue = queue();
    var properties = NO_PROPERTIES.builder().expiration(expiration).build();
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - invalid expiration '" + expiration + "': " + reason,
        () -> channel().basicPublish("", queue, properties, bytes("refused")));
    assertThat(drain(queue)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"60000", "4294967295", "4294967296", "10000000000"})
  @Behaviour(110)
  void unsignedDecimalsAreKept(String expiration) throws Exception {
    String queue = queue();
    send("", queue, NO_PROPERTIES.builder().expiration(expiration).build(), "kept");
    assertThat(hold(channel(), queue).getProps().getExpiration()).isEqualTo(expiration);
  }

  @Test
  @Behaviour(110)
  void anUnroutableMessageIsCheckedToo() throws Exception {
    var properties = NO_PROPERTIES.builder().expiration("soon").build();
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - invalid expiration 'soon': no_integer",
        () -> channel().basicPublish("", queueName(), properties, bytes("refused")));
  }
}
