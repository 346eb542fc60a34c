"""Queues that are deleted while they are consumed, as kombu and py-amqp see it.

Usage: scenario.py AMQP-URI basic|full. Prints the lines of expected.txt in both scopes; what may
differ from run to run goes to the error output. One thread: py-amqp reads from its socket only inside the calls made
here, one frame at a time, and hands each to whoever waits for it. So a basic.cancel that nobody
asked to be told of comes out of any call on that connection as ConsumerCancelled.
"""

import secrets
import socket
import sys
import time

import kombu
from amqp import ChannelError, spec
from amqp.exceptions import ConsumerCancelled
from kombu.mixins import ConsumerMixin
from kombu.transport import pyamqp

DEADLINE = 10  # seconds that any single wait may take
ROUNDS = 25  # deletions where the order of two frames counts


class NotingConnection(pyamqp.Connection):
    """Notes every method that arrives, as (channel, method), before it has an effect."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.noted = []

    def on_inbound_method(self, channel_id, method_sig, payload, content):
        self.noted.append((channel_id, method_sig))
        return super().on_inbound_method(channel_id, method_sig, payload, content)


class NotingTransport(pyamqp.Transport):
    Connection = NotingConnection


class Run:
    """One run: two connections, the names made for it, and the printed lines."""

    def __init__(self, uri):
        self.uri = uri
        self.prefix = "kombu-" + secrets.token_hex(4)
        self.connection, self.other = self.connect(), self.connect()
        # Its publishes return at their confirms.
        self.publisher = self.connect(transport_options={"confirm_publish": True})
        self.names = []

    def connect(self, **options):
        connection = kombu.Connection(self.uri, transport=NotingTransport, **options)
        connection.connect()
        return connection

    def section(self, title):
        print(f"== {title}")

    def say(self, text):
        print(text.replace(self.prefix, "RUN"))

    def queue(self, suffix):
        """A durable queue, not declared yet; the broker removes what a killed run leaves."""
        name = f"{self.prefix}.{suffix}"
        if name not in self.names:
            self.names.append(name)
        return kombu.Queue(name, routing_key=name, durable=True, expires=300)

    def declared(self, suffix, channel, *bodies):
        """A queue that is there, bound to a channel, with messages in it."""
        queue = self.queue(suffix)(channel)
        queue.declare()
        self.publish(queue, *bodies)
        return queue

    def publish(self, queue, *bodies):
        producer = self.publisher.Producer(self.publisher.default_channel)
        for body in bodies:
            producer.publish(body, routing_key=queue.name, delivery_mode=2)

    def count(self, queue):
        ok = self.publisher.default_channel.queue_declare(queue.name, passive=True)
        return f"{ok.message_count} messages, {ok.consumer_count} consumers"

    def failure(self, label, connection, action):
        """Runs an action on a channel of its own and prints the broker's channel.close."""
        channel = connection.channel()
        try:
            action(channel)
            self.say(f"{label}: no error")
            channel.close()
        except ChannelError as error:
            self.say(f"{label}: {error.reply_code} {error.reply_text}")

    def clean(self):
        """Removes what the run declared, over a fresh connection, whatever state it ended in."""
        with self.connect() as connection:
            for name in self.names:
                connection.default_channel.queue_delete(name)


class Reader:
    """A consumer of py-amqp on a channel, which keeps its deliveries and is told of its end."""

    def __init__(self, connection, channel, queue, tag="reader"):
        self.connection, self.channel = connection, channel
        self.arrived, self.cancels = [], []
        channel.basic_consume(
            queue.name, tag, callback=self.arrived.append, on_cancel=self.cancels.append)

    def next(self):
        wait_for(self.connection, lambda: self.arrived, "a delivery")
        return self.arrived.pop(0)

    def ended(self):
        wait_for(self.connection, lambda: self.cancels, "the cancel")
        return self.cancels[0]


def wait_for(connection, condition, what):
    end = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {DEADLINE} s for {what}")
        try:
            connection.drain_events(timeout=1)
        except socket.timeout:
            pass


def raised(connection, action):
    """Runs an action, and waits for the ConsumerCancelled that it or what follows must raise.

    Gives what the action returned, or None if the exception came out of it.
    """
    result = None
    try:
        result = action()
        wait_for(connection, lambda: False, "ConsumerCancelled")
    except ConsumerCancelled:
        return result


def order(connection, mark):
    """The delete-ok and the cancels among what arrived since a mark."""
    names = {spec.Queue.DeleteOk: "delete-ok", spec.Basic.Cancel: "cancel"}
    noted = connection.connection.noted[mark:]
    return [names[method] for _, method in noted if method in names]


def freshness(info):
    return "redelivered" if info["redelivered"] else "new"


def connect(run):
    run.section("connect")
    amqp = run.connection.connection
    asked, offered = amqp.client_properties["capabilities"], amqp.server_capabilities
    for name in ("consumer_cancel_notify", "connection.blocked", "authentication_failure_close"):
        run.say(f"{name}: offered {offered.get(name)}, asked for {asked.get(name)}")


def work(run):
    run.section("work")
    channel = run.connection.channel()
    queue = run.declared("work", channel)
    run.say(f"new queue: {run.count(queue)}")
    queue.declare()
    run.say(f"same declare again: {run.count(queue)}")
    mark = len(run.publisher.connection.noted)
    run.publish(queue, "w1", "w2", "w3")
    noted = [method for _, method in run.publisher.connection.noted[mark:]]
    run.say(f"3 published: {noted.count(spec.Basic.Ack)} confirmed")
    run.say(f"in the queue: {run.count(queue)}")
    seen = []

    def on_message(message):
        run.say(f"delivery {message.delivery_tag}: {message.payload},"
                f" {freshness(message.delivery_info)}")
        if message.payload == "w2" and not message.delivery_info["redelivered"]:
            message.requeue()
        else:
            message.ack()
        seen.append(message.payload)

    consumer = run.connection.Consumer(
        queue, channel=channel, on_message=on_message, prefetch_count=1)
    with consumer:
        wait_for(run.connection, lambda: len(seen) == 4, "four deliveries")
        run.say(f"while consuming: {run.count(queue)}")
    run.say(f"cancelled: {run.count(queue)}")
    channel.close()


def own_channel(run):
    run.section("deleted by the channel that consumes it")
    channel = run.connection.channel()
    channel.basic_qos(0, 1, False)
    answered_first = 0
    for number in range(1, ROUNDS + 1):
        queue = run.declared("own", channel, "o1", "o2")
        reader = Reader(run.connection, channel, queue)
        message = reader.next()
        mark = len(run.connection.connection.noted)
        deleted = queue.delete()
        early = len(reader.cancels)
        tag = reader.ended()
        if (deleted, early, order(run.connection, mark)) == (1, 0, ["delete-ok", "cancel"]):
            answered_first += 1
        else:
            note(f"own, round {number}: deleted with {deleted}, {early} cancels before it"
                 f" returned, {order(run.connection, mark)}")
        # It is gone with its queue, and its tag is still good for an ack.
        channel.basic_ack(message.delivery_tag)
    run.say(f"one unacked, one ready: deleted with {deleted}, {tag} cancelled")
    run.say(f"delete-ok, then the cancel: {answered_first} of {ROUNDS}")
    again = run.declared("own", channel, "o3")
    run.say(f"declared again: {run.count(again)}")
    reader = Reader(run.connection, channel, again)
    message = reader.next()
    channel.basic_ack(message.delivery_tag)
    run.say(f"delivery {message.delivery_tag} to {message.delivery_info['consumer_tag']}:"
            f" {message.body}, {freshness(message.delivery_info)}")
    second = Reader(run.connection, channel, again, "second")
    run.say(f"two consumers: deleted with {again.delete()}")
    run.say(f"cancelled: {reader.ended()} {second.ended()}")
    last = run.declared("own", channel)
    reader = Reader(run.connection, channel, last)
    mark = len(run.connection.connection.noted)
    last.delete(nowait=True)
    reader.ended()
    last.declare()
    run.say(f"no answer wanted: {' '.join(order(run.connection, mark))}")
    consumer = run.connection.Consumer(last, channel=channel, on_message=print)
    consumer.consume()
    deleted = raised(run.connection, last.delete)
    run.say(f"kombu's consumer: deleted with {deleted}, then ConsumerCancelled")
    last.declare()
    run.say(f"the channel still works: {run.count(last)}")
    channel.close()


def another_channel(run):
    run.section("deleted by another channel of the connection")
    reading, deleting = run.connection.channel(), run.connection.channel()
    reading.basic_qos(0, 1, False)
    deleted = cancelled = answered_first = 0
    for _ in range(ROUNDS):
        queue = run.declared("channel", deleting, "c1", "c2")
        reader = Reader(run.connection, reading, queue)
        message = reader.next()
        mark = len(run.connection.connection.noted)
        deleted += queue.delete()
        cancelled += reader.ended() == "reader"
        answered_first += order(run.connection, mark) == ["delete-ok", "cancel"]
        reading.basic_ack(message.delivery_tag)
    run.say(f"{ROUNDS} queues: {deleted} messages deleted, {cancelled} consumers cancelled")
    # Two channels: which of their frames is first is nobody's promise.
    note(f"another channel: {answered_first} of {ROUNDS} with the delete-ok first")
    queue = run.declared("channel", deleting)
    consumer = run.connection.Consumer(queue, channel=reading, on_message=print)
    consumer.consume()
    came = raised(run.connection, queue.delete) is None
    note(f"another channel: ConsumerCancelled {'out of' if came else 'after'} the delete")
    run.say("kombu's consumer: ConsumerCancelled")
    run.failure("passive declare", run.connection,
                lambda channel: channel.queue_declare(queue.name, passive=True))
    for channel in (reading, deleting):
        again = run.declared("channel", channel, "c3")
        reader = Reader(run.connection, channel, again)
        message = reader.next()
        run.say(f"declared again: {message.body}, {freshness(message.delivery_info)}")
        channel.basic_reject(message.delivery_tag, requeue=False)
        channel.basic_cancel("reader")
    run.say(f"at the end: {run.count(again)}")
    reading.close()
    deleting.close()


class Worker(ConsumerMixin):
    """What Celery's workers do: connect anew and declare again when a consumer is cancelled."""

    def __init__(self, scenario, queue):
        self.scenario, self.queue, self.connection = scenario, queue, scenario.connect()
        self.starts = 0

    def get_consumers(self, Consumer, channel):
        return [Consumer(self.queue, on_message=self.on_message)]

    def on_consume_ready(self, connection, channel, consumers, **kwargs):
        self.starts += 1
        self.scenario.publish(self.queue, f"for start {self.starts}")

    def on_message(self, message):
        self.scenario.say(f"worker: {message.payload}, {freshness(message.delivery_info)}")
        message.ack()
        if self.starts == 1:
            self.queue(self.scenario.other.default_channel).delete()
        else:
            self.should_stop = True


def another_connection(run):
    run.section("deleted on another connection")
    channel, deleting = run.connection.channel(), run.other.channel()
    queue = run.declared("connection", deleting, "d1")
    reader = Reader(run.connection, channel, queue)
    message = reader.next()
    run.failure("delete if unused", run.other,
                lambda other: other.queue_delete(queue.name, if_unused=True))
    run.say(f"deleted with {queue.delete()}, {reader.ended()} cancelled")
    channel.basic_ack(message.delivery_tag)
    queue.declare()
    run.publish(queue, "d2")
    seen = []
    consumer = run.connection.Consumer(queue, channel=channel, on_message=seen.append)
    consumer.consume()
    wait_for(run.connection, lambda: seen, "a delivery")
    run.say(f"declared again: {seen[0].payload}, {freshness(seen[0].delivery_info)}")
    raised(run.connection, queue.delete)
    run.say("kombu's consumer: ConsumerCancelled")
    channel.close()
    worker = Worker(run, run.queue("worker"))
    worker.run()
    worker.connection.release()
    run.say(f"worker: started {worker.starts} times")


def heartbeats(run):
    run.section("heartbeats")
    beating, silent = run.connect(heartbeat=1), run.connect(heartbeat=1).connection
    received, end = beating.connection.bytes_recv, time.monotonic() + 4
    while time.monotonic() < end:
        try:
            beating.drain_events(timeout=0.2)
        except socket.timeout:
            pass
        beating.heartbeat_check()
    # What py-amqp counts there is frames, and nothing but heartbeats was to come.
    received = beating.connection.bytes_recv - received
    note(f"{received} heartbeats in 4 s")
    run.say(f"the broker's: {'come' if received >= 4 else received}")
    ok = beating.default_channel.queue_declare(run.names[0], passive=True)
    run.say(f"a beating client lives: {ok.message_count} messages")
    beating.release()
    try:
        while True:
            silent.drain_events(timeout=DEADLINE)
    except socket.timeout:
        run.say("a silent client lives")
    except OSError:
        run.say("a silent client has ended")
    silent.collect()


def note(text):
    print(text, file=sys.stderr)


def main():
    if len(sys.argv) != 3 or sys.argv[2] not in ("basic", "full"):
        sys.exit("usage: scenario.py AMQP-URI basic|full")
    sys.stdout.reconfigure(encoding="utf-8")
    run = Run(sys.argv[1])
    try:
        for step in (connect, work, own_channel, another_channel, another_connection, heartbeats):
            step(run)
    finally:
        run.clean()
    for connection in (run.connection, run.other, run.publisher):
        connection.release()


if __name__ == "__main__":
    main()
