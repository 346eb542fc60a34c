package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.BuiltinExchangeType;
import java.io.IOException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Names that are reserved, that hold line breaks, or that are no text. On the test thread. */
class NamesTest extends MessagingTest {
  private static final byte[] NO_TEXT = {3, 'b', (byte) 0xFF, (byte) 0xFE};

  @Test
  @Behaviour({80, 81})
  void noQueueWhoseNameIsReservedIsDeclaredEvenIfItExists() throws Exception {
    for (boolean exclusive : new boolean[] {false, true}) {
      String queue = channel().queueDeclare("", false, exclusive, false, null).getQueue();
      removeQueueLater(queue);
      channel().queueDeclarePassive(queue);
      expectChannelClose(
          403,
          "ACCESS_REFUSED - queue name '" + queue + "' contains reserved prefix 'amq.*'",
          () -> channel().queueDeclare(queue, false, exclusive, false, null));
    }
  }

  @Test
  @Behaviour({56, 81})
  void lineBreaksAreTakenOutWhereSomethingIsMadeBoundOrDeleted() throws Exception {
    String queue = queueName();
    String exchange = exchangeName();
    String brokenQueue = queue.replace(".q.", ".\r\nq.");
    String brokenExchange = exchange.replace(".x.", ".\nx.\r");
    assertThat(channel().queueDeclare(brokenQueue, false, false, false, null).getQueue())
        .isEqualTo(queue);
    channel().queueDeclarePassive(brokenQueue);
    channel().exchangeDeclare(brokenExchange, BuiltinExchangeType.DIRECT);
    channel().exchangeDeclarePassive(brokenExchange);
    channel().queueBind(brokenQueue, brokenExchange, "k\n");
    channel().exchangeBind(brokenExchange, "amq.\nfanout", "k");

    send(exchange, "k\n", "bound");
    assertThat(take(queue)).isEqualTo("bound");
    channel().queueUnbind(brokenQueue, brokenExchange, "k\n");
    channel().exchangeUnbind(brokenExchange, "amq.\nfanout", "k");
    send(exchange, "k\n", "unbound");
    assertThat(take(queue)).isNull();
    channel().exchangeDelete(brokenExchange);
    assertThat(exchangeExists(exchange)).isFalse();
    channel().queueDelete(brokenQueue);
    assertThat(queueExists(queue)).isFalse();
  }

  @Test
  @Behaviour({56, 82})
  void lineBreaksStayWhereMessagesAreSentAndTaken() throws Exception {
    String queue = queue();
    String broken = queue.replace(".q.", ".\nq.");
    String text = "NOT_FOUND - no queue '" + broken + "' in vhost '/'";
    expectChannelClose(404, text, () -> channel().basicGet(broken, true));
    expectChannelClose(404, text, () -> Inbox.consume(channel(), broken, true));
    expectChannelClose(404, text, () -> channel().queuePurge(broken));
    expectChannelClose(
        404,
        "NOT_FOUND - no exchange 'amq.\ndirect' in vhost '/'",
        () -> publish("amq.\ndirect", queue, "x"));
  }

  static Stream<Arguments> methodsWithNames() {
    return Stream.of(
        method("channel.close", 20, 40, new Octets().u16(200).raw(NO_TEXT).u16(0).u16(0)),
        method("exchange.declare", 40, 10, ticketed().shortString("direct").u8(0).raw(table())),
        method("exchange.delete", 40, 20, ticketed().u8(0)),
        method(
            "exchange.bind",
            40,
            30,
            ticketed().shortString("x").shortString("k").u8(0).raw(table())),
        method("queue.declare", 50, 10, ticketed().u8(0).raw(table())),
        method("queue.declare, passive", 50, 10, ticketed().u8(1).raw(table())),
        method(
            "queue.bind", 50, 20, ticketed().shortString("x").shortString("k").u8(0).raw(table())),
        method(
            "queue.bind, key",
            50,
            20,
            new Octets().u16(0).shortString("").shortString("x").raw(NO_TEXT).u8(0).raw(table())),
        method("queue.unbind", 50, 50, ticketed().shortString("x").shortString("k").raw(table())),
        method("queue.purge", 50, 30, ticketed().u8(0)),
        method("queue.delete", 50, 40, ticketed().u8(0)),
        method("basic.consume", 60, 20, ticketed().shortString("").u8(0).raw(table())),
        method("basic.cancel", 60, 30, new Octets().raw(NO_TEXT).u8(0)),
        method("basic.get", 60, 70, ticketed().u8(0)));
  }

  private static Octets ticketed() {
    return new Octets().u16(0).raw(NO_TEXT);
  }

  private static byte[] table() {
    return new Octets().u32(0).toBytes();
  }

  private static Arguments method(String name, int classId, int methodId, Octets arguments) {
    byte[] payload = Octets.method(classId, methodId).raw(arguments.toBytes()).toBytes();
    return Arguments.argumentSet(name, (Object) payload);
  }

  @ParameterizedTest
  @MethodSource
  @Behaviour(42)
  void methodsWithNames(byte[] payload) throws Exception {
    RawConnection raw = openRawConnection();
    raw.openChannel(1);

    raw.send(RawFrame.METHOD, 1, payload);

    AMQP.Connection.Close close =
        raw.expectConnectionClose(501, "FRAME_ERROR - Malformed UTF-8 in shortstr");
    assertThat(close.getClassId()).isZero();
    assertThat(close.getMethodId()).isZero();
  }

  @Test
  @Behaviour({42, 104})
  void keysAndHeadersOfMessagesMayBeAnyOctets() throws Exception {
    RawConnection raw = openRawConnection();
    raw.openChannel(1);

    byte[] publish = Octets.method(60, 40).u16(0).shortString("").raw(NO_TEXT).u8(1).toBytes();
    raw.send(RawFrame.METHOD, 1, publish);
    Octets value = new Octets().longString(new byte[] {(byte) 0xFF});
    Octets headers = new Octets().raw(NO_TEXT).u8('S').raw(value.toBytes());
    raw.send(RawFrame.HEADER, 1, Octets.headerWithTable(0, headers));

    assertReturned(raw);
  }

  private static void assertReturned(RawConnection raw) throws IOException {
    RawFrame returned = raw.read();
    assertThat(returned.type()).isEqualTo(RawFrame.METHOD);
    assertThat(returned.payload()).startsWith(0, 60, 0, 50).endsWith(NO_TEXT);
    assertThat(raw.read().type()).isEqualTo(RawFrame.HEADER);
  }

  @Test
  @Behaviour({78, 79, 86, 101})
  void checksOfABindingComeInRabbitMqsOrder() throws Exception {
    String queue = queueName();
    newConnection().createChannel().queueDeclare(queue, false, true, false, null);
    String missing = "conformance.missing";
    String noExchange = "NOT_FOUND - no exchange '" + missing + "' in vhost '/'";

    expectChannelClose(404, noExchange, () -> channel().queueBind(queue, missing, "k"));
    expectChannelClose(404, noExchange, () -> channel().queueBind(missing, missing, "k"));
    expectChannelClose(
        404,
        "NOT_FOUND - no queue '" + missing + "' in vhost '/'",
        () -> channel().queueBind(missing, "amq.direct", "k"));
    AMQP.Channel.Close locked =
        channelClose(channel(), () -> channel().queueBind(queue, "amq.direct", "k"));
    assertThat(locked.getReplyCode()).isEqualTo(405);
    expectChannelClose(
        406,
        "PRECONDITION_FAILED - Invalid x-match field value <<\"zz\">>; expected all, any,"
            + " all-with-x, or any-with-x",
        () -> channel().queueBind(queue, "amq.headers", "k", Map.of("x-match", "zz")));
    channel().queueUnbind(queue, missing, "k");
    channel().queueUnbind(queue, "amq.direct", "k");
  }

  @Test
  @Behaviour({86, 101})
  void somebodyElsesBindingIsNotTakenAway() throws Exception {
    String queue = queueName();
    var owner = newConnection().createChannel();
    owner.queueDeclare(queue, false, true, false, null);
    owner.queueBind(queue, "amq.direct", queue);

    AMQP.Channel.Close close =
        channelClose(channel(), () -> channel().queueUnbind(queue, "amq.direct", queue));

    assertThat(close.getReplyCode()).isEqualTo(405);
  }
}
