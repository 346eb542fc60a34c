package org.warrenmq.broker.amqp;

import org.warrenmq.broker.topology.QueueEntry;
import org.warrenmq.broker.topology.Refusal;
import org.warrenmq.codec.BasicMethod;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.queue.QueueCommand;
import org.warrenmq.engine.queue.QueueCommand.GetReply;

/** A channel's basic.get: takes single messages from queues. Runs on the connection's loop. */
final class Gets {
  private static final int GET = 70;

  private final Session session;
  private final Replies channel;
  private final DeliveryTracker deliveries;
  private final Declarations declarations;
  private final AckTimeout.Watch timeouts;

  Gets(
      Session session,
      Replies channel,
      DeliveryTracker deliveries,
      Declarations declarations,
      AckTimeout.Watch timeouts) {
    this.session = session;
    this.channel = channel;
    this.deliveries = deliveries;
    this.declarations = declarations;
    this.timeouts = timeouts;
  }

  void get(BasicMethod.Get get) {
    QueueEntry queue = declarations.readableQueue(get.queue());
    channel.park();
    ReplyTo<GetReply> answer =
        new ReplyTo<>(session.loop(), reply -> got(reply, queue, get.noAck()));
    session
        .loop()
        .send(queue.room().loop(), new QueueCommand.Get(queue.room(), get.noAck(), answer));
  }

  private void got(GetReply reply, QueueEntry queue, boolean noAck) {
    switch (reply) {
      case GetReply.Got got -> {
        if (channel.isOpen()) {
          write(got, queue, noAck);
        } else {
          session.store().bodies().release(got.message().content().body());
          if (!noAck) {
            deliveries.returnUnseen(queue.room(), got.position());
          }
        }
      }
      case GetReply.Empty() -> channel.replyIfOpen(new BasicMethod.GetEmpty());
      case GetReply.Gone() ->
          channel.fail(Refusal.noQueue(queue.name(), queue.vhost()).at(BasicMethod.CLASS_ID, GET));
    }
    channel.resume();
  }

  private void write(GetReply.Got got, QueueEntry queue, boolean noAck) {
    long tag = noAck ? deliveries.untracked() : track(got, queue);
    session
        .messages()
        .getOk(channel.number(), tag, got.redelivered(), got.remaining(), got.message());
  }

  private long track(GetReply.Got got, QueueEntry queue) {
    long timeout = queue.ackTimeout(session.limits().consumerTimeout().millis());
    timeouts.watch(timeout);
    return deliveries.track(queue.room(), timeout, got.position());
  }
}
