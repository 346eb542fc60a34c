import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.Envelope;
import com.rabbitmq.client.GetResponse;
import java.io.IOException;
import java.util.List;

/** What the full scenario adds: transactions, exchange-to-exchange bindings, direct reply-to. */
final class FullPart {
  private static final String REPLY_TO = "amq.rabbitmq.reply-to";

  private final Run run;

  FullPart(Run run) {
    this.run = run;
  }

  void play() throws Exception {
    transactions();
    exchangeBindings();
    rpc();
  }

  private void transactions() throws Exception {
    run.section("transactions");
    String queue = run.queue("tx");
    Channel channel = run.connection.createChannel();
    channel.txSelect();
    channel.basicPublish("", queue, null, "t1".getBytes());
    channel.basicPublish("", queue, null, "t2".getBytes());
    run.say("published: " + run.count(queue));
    channel.txCommit();
    run.say("committed: " + run.count(queue));
    channel.basicPublish("", queue, null, "t3".getBytes());
    channel.txRollback();
    run.say("rolled back: " + run.count(queue));
    transactedAck(queue, "rolled back", Channel::txRollback);
    run.settle(queue, 2);
    transactedAck(queue, "committed", Channel::txCommit);
    run.settle(queue, 1);
    run.say("left: " + run.drain(queue));
    run.failure("commit without select", Channel::txCommit);
    run.failure(
        "select on a confirm channel",
        ch -> {
          ch.confirmSelect();
          ch.txSelect();
        });
  }

  private void transactedAck(String queue, String label, Run.Action ending) throws Exception {
    Channel channel = run.connection.createChannel();
    channel.txSelect();
    GetResponse got = channel.basicGet(queue, false);
    Envelope envelope = got.getEnvelope();
    run.say("get: " + Run.shown(got.getBody(), envelope) + ", ack " + label + ", channel closed");
    channel.basicAck(envelope.getDeliveryTag(), false);
    ending.on(channel);
    channel.close();
  }

  private void exchangeBindings() throws Exception {
    run.section("exchange to exchange");
    Channel channel = run.connection.createChannel();
    String queue = run.queue("e2e");
    String source = run.name("source");
    String target = run.name("target");
    run.exchanges.addAll(List.of(source, target)); // clean() deletes them
    channel.exchangeDeclare(source, "topic");
    channel.exchangeDeclare(target, "fanout", false, false, true, null);
    channel.queueBind(queue, target, "");
    channel.exchangeBind(target, source, "log.#");
    run.publish(source, "log.info", "e1");
    run.publish(source, "other", "e2");
    run.say("bound: " + run.drain(queue));
    run.failure("publish to internal", ch -> ch.basicPublish(target, "", null, "lost".getBytes()));
    run.failure("bind to missing", ch -> ch.exchangeBind(run.name("missing"), source, ""));
    channel.exchangeUnbind(target, source, "log.#");
    run.publish(source, "log.info", "e3");
    run.say("unbound: " + run.drain(queue));
    channel.exchangeBind(target, source, "log.#");
    channel.exchangeDelete(target);
    run.publish(source, "log.info", "e4");
    run.say("target deleted: " + run.drain(queue));
  }

  private void rpc() throws Exception {
    run.section("direct reply-to");
    String requests = run.queue("rpc");
    Channel client = run.connection.createChannel();
    Channel server = run.other.createChannel();
    Inbox answers = new Inbox(client, REPLY_TO, "answers", true);
    Inbox inbox = new Inbox(server, requests, "server", false);
    BasicProperties ask = Run.PERSISTENT.builder().replyTo(REPLY_TO).build();
    String address = "";
    for (int number = 2; number <= 4; number++) {
      BasicProperties numbered = ask.builder().correlationId("ask-" + number).build();
      client.basicPublish("", requests, numbered, String.valueOf(number).getBytes());
      address = answer(server, inbox.next());
      Delivery got = answers.next();
      String id = got.getProperties().getCorrelationId();
      String exchange = got.getEnvelope().getExchange();
      run.say("answer " + Run.text(got.getBody()) + ": " + id + ", exchange '" + exchange + "'");
    }
    String last = address;
    AMQP.Queue.DeclareOk ok = server.queueDeclarePassive(last);
    String held = ok.getMessageCount() + " messages, " + ok.getConsumerCount() + " consumers";
    run.say("passive declare of the address: " + held);
    client.basicCancel("answers");
    run.failure("gone after cancel", ch -> ch.queueDeclarePassive(last));
    run.failure("consume with acks", ch -> ch.basicConsume(REPLY_TO, false, (c, d) -> {}, c -> {}));
    run.failure("ask without consumer", ch -> ch.basicPublish("", requests, ask, "5".getBytes()));
  }

  /** Answers one request with its square and returns the address the answer went to. */
  private String answer(Channel server, Delivery request) throws IOException {
    BasicProperties asked = request.getProperties();
    String body = Run.text(request.getBody());
    String address = asked.getReplyTo();
    run.say("request " + body + ": reply-to " + address + ", " + asked.getCorrelationId());
    int number = Integer.parseInt(body);
    BasicProperties properties =
        new BasicProperties.Builder().correlationId(asked.getCorrelationId()).build();
    server.basicPublish("", address, properties, String.valueOf(number * number).getBytes());
    server.basicAck(request.getEnvelope().getDeliveryTag(), false);
    return address;
  }
}
