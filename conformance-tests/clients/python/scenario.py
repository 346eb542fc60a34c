"""The shared client scenario, spoken by pika. Usage: scenario.py AMQP-URI basic|full|features

Prints the lines of ../expected-basic.txt or one of its sisters. One thread: pika's blocking
connection reads from its socket only inside the calls made here.
"""

import datetime
import decimal
import hashlib
import re
import secrets
import sys
import time

import pika
from pika.exceptions import ChannelClosedByBroker, NackError, UnroutableError

DEADLINE = 10  # seconds that any single wait may take
LEASE = {"x-expires": 300000}  # the broker removes what a killed run leaves behind


class Run:
    """One run: two connections, the names made for it, and the printed lines."""

    def __init__(self, uri):
        self.parameters = pika.URLParameters(uri)
        self.prefix = "python-" + secrets.token_hex(4)
        self.connection = pika.BlockingConnection(self.parameters)
        self.other = pika.BlockingConnection(self.parameters)
        self.confirms = self.connection.channel()
        self.confirms.confirm_delivery()
        self.queues, self.exchanges = [], []

    def section(self, title):
        print(f"== {title}")

    def say(self, text):
        text = text.replace(self.prefix, "RUN")
        text = re.sub(r"amq\.gen-[A-Za-z0-9_-]{22}", "amq.gen-*", text)
        text = re.sub(r"amq\.rabbitmq\.reply-to\.[^\s',]+", "amq.rabbitmq.reply-to.*", text)
        print(text)

    def name(self, suffix):
        return f"{self.prefix}.{suffix}"

    def channel(self):
        return self.connection.channel()

    def queue(self, suffix, **arguments):
        """Declares a durable queue with more x-arguments and returns its name."""
        table = dict(LEASE)
        table.update({"x-" + key.replace("_", "-"): value for key, value in arguments.items()})
        self.queues.append(self.name(suffix))
        self.confirms.queue_declare(self.name(suffix), durable=True, arguments=table)
        return self.name(suffix)

    def exchange(self, kind):
        self.exchanges.append(self.name(kind))
        self.confirms.exchange_declare(self.name(kind), kind)
        return self.name(kind)

    def publish(self, exchange, key, body, **properties):
        """Publishes persistently; returns after the broker's ack (True) or nack (False)."""
        properties.setdefault("delivery_mode", 2)
        try:
            basic = pika.BasicProperties(**properties)
            self.confirms.basic_publish(exchange, key, body, basic)
            return True
        except NackError:
            return False

    def count(self, queue):
        ok = self.confirms.queue_declare(queue, passive=True).method
        return f"{ok.message_count} messages, {ok.consumer_count} consumers"

    def settle(self, queue, ready):
        """Waits for a closed channel's messages: RabbitMQ may return them after its close-ok."""
        there = lambda: self.count(queue).startswith(f"{ready} messages")
        wait_for(self.connection, there, f"{ready} messages in {queue}")

    def drain(self, queue):
        """Empties a queue and returns the bodies, with a mark on the redelivered ones."""
        bodies = []
        while True:
            method, _, body = self.confirms.basic_get(queue, auto_ack=True)
            if method is None:
                return " ".join(bodies) or "nothing"
            bodies.append(body.decode() + ("(again)" if method.redelivered else ""))

    def failure(self, label, action):
        """Runs an action on a channel of its own and prints the broker's channel.close."""
        channel = self.channel()
        try:
            action(channel)
            # An asynchronous error arrives at the latest while this reply is waited for.
            channel.basic_qos(prefetch_count=1)
            self.say(f"{label}: no error")
        except ChannelClosedByBroker as closed:
            self.say(f"{label}: {closed.reply_code} {closed.reply_text}")

    def clean(self):
        """Removes what the run declared, over a fresh connection, whatever state it ended in."""
        connection = pika.BlockingConnection(self.parameters)
        channel = connection.channel()
        for queue in self.queues:
            channel.queue_delete(queue)
        for exchange in self.exchanges:
            channel.exchange_delete(exchange)
        connection.close()


class Inbox:
    """A consumer that keeps its deliveries until the scenario asks for them."""

    def __init__(self, connection, channel, queue, tag, auto_ack=False):
        self.connection, self.arrived = connection, []
        channel.basic_consume(
            queue, lambda _, *message: self.arrived.append(message), auto_ack, consumer_tag=tag)

    def next(self):
        """The next delivery as (method, properties, body)."""
        wait_for(self.connection, lambda: self.arrived, "a delivery")
        return self.arrived.pop(0)


def wait_for(connection, condition, what):
    end = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {DEADLINE} s for {what}")
        connection.process_data_events(time_limit=0.02)


def freshness(method):
    return "redelivered" if method.redelivered else "new"


def connect(run):
    run.section("connect")
    supported = {
        "basic.nack": run.connection.basic_nack_supported,
        "consumer_cancel_notify": run.connection.consumer_cancel_notify_supported,
        "exchange_exchange_bindings": run.connection.exchange_exchange_bindings_supported,
        "publisher_confirms": run.connection.publisher_confirms_supported,
    }
    run.say("capabilities: " + ", ".join(name for name, held in supported.items() if held))


def declare(run):
    run.section("declare")
    queue = run.queue("work")
    run.say(f"new queue: {run.count(queue)}")
    run.say(f"same declare again: {run.count(run.queue('work'))}")
    channel = run.channel()
    named = channel.queue_declare("", exclusive=True).method.queue
    run.say(f"server-named queue: {named}")
    run.say(f"passive declare of it: {run.count(named)}")
    channel.exchange_declare("amq.topic", passive=True)
    run.say("passive declare of amq.topic: ok")


def bind_direct(run):
    run.section("direct exchange")
    exchange, channel = run.exchange("direct"), run.channel()
    one, two = run.queue("direct.one"), run.queue("direct.two")
    channel.queue_bind(one, exchange, "red")
    for key in ("green", "blue"):
        channel.queue_bind(two, exchange, key)
    for key in ("red", "green", "grey", "blue", "red"):
        run.publish(exchange, key, key)
    run.say(f"key red: {run.drain(one)}")
    run.say(f"keys green and blue: {run.drain(two)}")
    channel.queue_unbind(one, exchange, "red")
    run.publish(exchange, "red", "red")
    run.say(f"after unbind: {run.drain(one)}")


def bind_fanout(run):
    run.section("fanout exchange")
    exchange, channel = run.exchange("fanout"), run.channel()
    queues = [run.queue("fanout.one"), run.queue("fanout.two")]
    for queue in queues:
        channel.queue_bind(queue, exchange, "ignored")
    run.publish(exchange, "any", "f1")
    run.publish(exchange, "", "f2")
    for queue in queues:
        run.say(f"{queue}: {run.drain(queue)}")


def bind_topic(run):
    run.section("topic exchange")
    exchange, channel = run.exchange("topic"), run.channel()
    bindings = [
        ("topic.star", ["stock.*.nyse"]),
        ("topic.hash", ["stock.#"]),
        ("topic.all", ["#"]),
        ("topic.both", ["stock.#", "#.nyse"]),
    ]
    for suffix, patterns in bindings:
        queue = run.queue(suffix)
        for pattern in patterns:
            channel.queue_bind(queue, exchange, pattern)
    for key in ("stock.usd.nyse", "stock", "stock.a.b.nyse", "weather.nyse", "weather.today"):
        run.publish(exchange, key, key)
    for suffix, patterns in bindings:
        run.say(f"{' and '.join(patterns)}: {run.drain(run.name(suffix))}")


def bind_headers(run):
    run.section("headers exchange")
    exchange, channel = run.exchange("headers"), run.channel()
    queues = {mode: run.queue("headers." + mode) for mode in ("all", "any")}
    for mode, queue in queues.items():
        match = {"x-match": mode, "format": "pdf", "pages": 3}
        channel.queue_bind(queue, exchange, "", arguments=match)
    run.publish(exchange, "", "both", headers={"format": "pdf", "pages": 3, "more": True})
    run.publish(exchange, "", "one", headers={"format": "pdf", "pages": 4})
    run.publish(exchange, "", "none", headers={"format": "zip"})
    run.publish(exchange, "", "bare")
    for mode, queue in queues.items():
        run.say(f"x-match {mode}: {run.drain(queue)}")


def confirms(run):
    run.section("confirms")
    queue = run.queue("confirms")
    outcomes = [run.publish("", queue, f"c{number}") for number in range(1, 21)]
    run.say(f"20 published: {outcomes.count(True)} confirmed, {outcomes.count(False)} refused")
    run.say(f"in the queue: {run.count(queue)}")
    lost = run.publish("", run.name("nowhere"), "lost")
    run.say(f"unroutable: {'confirmed' if lost else 'refused'}")


def returned(run):
    run.section("mandatory")
    channel = run.channel()
    channel.confirm_delivery()
    properties = pika.BasicProperties(message_id="m-1")
    for exchange in (run.name("direct"), ""):
        try:
            key = run.name("nowhere")
            channel.basic_publish(exchange, key, "lost", properties, mandatory=True)
            run.say("no return before the confirm")
        except UnroutableError as error:
            # pika raises this at the confirm only if the return came before it.
            back = error.messages[0]
            run.say(
                f"return: {back.method.reply_code} {back.method.reply_text},"
                f" exchange '{back.method.exchange}', key {back.method.routing_key},"
                f" message-id {back.properties.message_id}, body {back.body.decode()}")
            run.say("confirmed after the return")
    channel.basic_publish("", run.name("work"), "kept", properties, mandatory=True)
    run.say("routable: confirmed without a return")
    run.say(f"in the queue: {run.drain(run.name('work'))}")


def consume(run):
    run.section("consume with manual ack")
    queue, channel = run.queue("consume"), run.channel()
    for number in range(1, 6):
        run.publish("", queue, f"k{number}")
    inbox = Inbox(run.connection, channel, queue, "reader")
    for _ in range(5):
        method, _, body = inbox.next()
        run.say(
            f"delivery {method.delivery_tag} to {method.consumer_tag}: {body.decode()},"
            f" {freshness(method)}, exchange '{method.exchange}', key {method.routing_key}")
    run.say(f"while consuming: {run.count(queue)}")
    channel.basic_ack(1)
    channel.basic_ack(3, multiple=True)
    channel.close()
    run.settle(queue, 2)
    run.say(f"1 to 3 acked, channel closed: {run.drain(queue)}")


def requeue(run):
    run.section("reject, nack, recover")
    queue, channel = run.queue("requeue"), run.channel()
    for number in range(1, 5):
        run.publish("", queue, f"q{number}")

    def get():
        method, _, body = channel.basic_get(queue)
        run.say(f"get {method.delivery_tag}: {body.decode()}, {freshness(method)}")
        return method.delivery_tag

    tags = [get(), get(), get()]
    for tag in (tags[1], tags[2], tags[0]):
        channel.basic_nack(tag, requeue=True)
    tags = [get(), get(), get(), get()]
    channel.basic_nack(tags[3], multiple=True, requeue=True)
    channel.basic_reject(get(), requeue=True)
    channel.basic_reject(get(), requeue=False)
    channel.basic_nack(get(), requeue=False)
    get()
    channel.basic_recover(requeue=True)
    channel.basic_ack(get())
    channel.basic_ack(get())
    channel.close()
    run.say(f"at the end: {run.count(queue)}")


def gets(run):
    run.section("get")
    queue, channel = run.queue("get"), run.channel()
    for number in range(1, 4):
        run.publish("", queue, f"g{number}")
    for auto_ack in (True, False, False):
        method, _, body = channel.basic_get(queue, auto_ack)
        run.say(f"get: {body.decode()}, {freshness(method)}, {method.message_count} left")
    method, _, _ = channel.basic_get(queue)
    run.say("get: empty" if method is None else "get: one too many")
    run.say(f"with two unacked: {run.count(queue)}")
    channel.close()
    run.settle(queue, 2)
    run.say(f"after the channel closed: {run.drain(queue)}")


def errors(run):
    run.section("channel errors")
    queue, missing = run.name("work"), run.name("missing")
    run.failure("passive queue", lambda ch: ch.queue_declare(missing, passive=True))
    run.failure("passive exchange", lambda ch: ch.exchange_declare(missing, passive=True))
    run.failure("durable differs",
                lambda ch: ch.queue_declare(queue, durable=False, arguments=LEASE))
    run.failure("type differs", lambda ch: ch.exchange_declare(run.name("direct"), "fanout"))
    run.failure("reserved name", lambda ch: ch.queue_declare("amq.mine"))
    run.failure("invalid argument",
                lambda ch: ch.queue_declare(missing, arguments={"x-message-ttl": -1}))
    run.failure("consume", lambda ch: ch.basic_consume(missing, lambda *_: None))
    run.failure("get", lambda ch: ch.basic_get(missing))
    run.failure("bind", lambda ch: ch.queue_bind(queue, missing, "key"))
    run.failure("publish", lambda ch: ch.basic_publish(missing, "key", "lost"))
    run.failure("ack", lambda ch: ch.basic_ack(99))
    run.failure("delete predeclared", lambda ch: ch.exchange_delete("amq.direct"))
    run.publish("", queue, "kept")
    run.failure("delete if empty", lambda ch: ch.queue_delete(queue, if_empty=True))
    run.drain(queue)
    reader = run.channel()
    reader.basic_consume(queue, lambda *_: None, consumer_tag="reader")
    run.failure("delete if unused", lambda ch: ch.queue_delete(queue, if_unused=True))
    run.failure("exclusive consume",
                lambda ch: ch.basic_consume(queue, lambda *_: None, exclusive=True))
    reader.basic_cancel("reader")
    owned = run.name("owned")
    owner = pika.BlockingConnection(run.parameters)
    owner.channel().queue_declare(owned, exclusive=True)
    run.failure("exclusive queue", lambda ch: ch.queue_declare(owned, passive=True))
    owner.close()
    run.failure("after its owner left", lambda ch: ch.queue_declare(owned, passive=True))
    run.say(f"the connection still works: {run.count(queue)}")


def prefetch(run):
    run.section("prefetch")
    queue, channel = run.queue("prefetch"), run.channel()
    for number in range(1, 7):
        run.publish("", queue, f"p{number}")
    channel.basic_qos(prefetch_count=2)
    inbox = Inbox(run.connection, channel, queue, "limited")

    def take():
        method, _, body = inbox.next()
        run.say(f"delivery {method.delivery_tag}: {body.decode()}, {freshness(method)}")

    take()
    take()
    run.say(f"two unacked: {run.count(queue)}")
    channel.basic_ack(1)
    take()
    run.say(f"one acked: {run.count(queue)}")
    channel.basic_ack(3, multiple=True)
    take()
    take()
    run.say(f"three acked: {run.count(queue)}")
    channel.basic_nack(4, requeue=True)
    take()
    channel.basic_ack(6, multiple=True)
    take()
    run.say(f"one left: {run.count(queue)}")
    channel.basic_ack(7)
    channel.basic_cancel("limited")
    run.say(f"cancelled: {run.count(queue)}")


def counts(run):
    run.section("purge and delete")
    queue, channel = run.queue("counts"), run.channel()
    for number in range(1, 4):
        run.publish("", queue, f"n{number}")
    run.say(f"purged: {channel.queue_purge(queue).method.message_count}")
    run.say(f"purged again: {channel.queue_purge(queue).method.message_count}")
    run.publish("", queue, "n4")
    run.publish("", queue, "n5")
    run.say(f"deleted with: {channel.queue_delete(queue).method.message_count}")
    run.say(f"deleted again with: {channel.queue_delete(queue).method.message_count}")


def cancelled(run):
    run.section("consumer cancel notification")
    queue, channel = run.queue("cancelled"), run.channel()
    notices = []
    channel.add_on_cancel_callback(lambda frame: notices.append(frame.method.consumer_tag))
    channel.basic_consume(queue, lambda *_: None, consumer_tag="watcher")
    run.confirms.queue_delete(queue)
    wait_for(run.connection, lambda: notices, "the cancel")
    run.say(f"queue deleted: {notices[0]} cancelled")
    run.say(f"its channel still works: {channel.queue_declare('', exclusive=True).method.queue}")


def describe(value):
    """A header value by its logical type, which all languages tell apart."""
    if value is None:
        return "void"
    if isinstance(value, bool):
        return f"boolean {str(value).lower()}"
    if isinstance(value, int):
        return f"integer {value}"
    if isinstance(value, str):
        return f"string {value}"
    if isinstance(value, datetime.datetime):
        return f"timestamp {int(value.replace(tzinfo=datetime.timezone.utc).timestamp())}"
    if isinstance(value, list):
        return "[" + ", ".join(describe(item) for item in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {describe(value[key])}" for key in sorted(value)) + "}"
    return f"{type(value).__name__} {value}"


def properties(run):
    run.section("properties and headers")
    queue, user = run.queue("properties"), run.parameters.credentials.username
    sent = {
        "content_type": "text/plain", "content_encoding": "utf-8", "delivery_mode": 2,
        "priority": 4, "correlation_id": "c-1", "reply_to": "answers", "expiration": "60000",
        "message_id": "m-1", "timestamp": 1767323045, "type": "greeting", "app_id": "scenario",
        "user_id": user,
    }
    headers = {
        "flag": True, "small": -5, "large": 1099511627776, "text": "grün",
        "when": datetime.datetime(2026, 1, 2, 3, 4, 5), "list": [1, False, "two"],
        "table": {"inner": "value", "deep": {"answer": 42}}, "nothing": None, "empty": {},
    }
    run.publish("", queue, "all", headers=headers, **sent)
    _, got, _ = run.confirms.basic_get(queue, auto_ack=True)
    for field in sent:
        value = getattr(got, field)
        shown = ("the login user" if value == user else value) if field == "user_id" else value
        run.say(f"{field.replace('_', '-')}: {shown}")
    for key in sorted(headers):
        run.say(f"header {key}: {describe(got.headers[key])}")
    run.publish("", queue, "bare")
    _, got, _ = run.confirms.basic_get(queue, auto_ack=True)
    optional = ["correlation_id", "reply_to", "expiration", "message_id", "timestamp", "type",
                "app_id", "user_id"]
    absent = [field.replace("_", "-") for field in optional if getattr(got, field) is None]
    run.say(f"absent when not sent: {', '.join(absent)}")
    own = {"decimal": decimal.Decimal("12.34"), "bytes": b"\x00\xff", "list": [[], [None, -1]]}
    run.publish("", queue, "own", headers=own)
    _, got, _ = run.confirms.basic_get(queue, auto_ack=True)
    run.say(f"header types of this client: {'equal' if got.headers == own else got.headers}")


def bodies(run):
    run.section("bodies")
    queue = run.queue("bodies")
    block = bytes(range(256))
    for body in (b"", b"x", block, block * 1200, "grün ✓".encode()):
        run.publish("", queue, body)
        _, _, got = run.confirms.basic_get(queue, auto_ack=True)
        run.say(f"{len(got)} bytes, sha256 {hashlib.sha256(got).hexdigest()[:16]}")


def transactions(run):
    run.section("transactions")
    queue, channel = run.queue("tx"), run.channel()
    channel.tx_select()
    for body in ("t1", "t2"):
        channel.basic_publish("", queue, body)
    run.say(f"published: {run.count(queue)}")
    channel.tx_commit()
    run.say(f"committed: {run.count(queue)}")
    channel.basic_publish("", queue, "t3")
    channel.tx_rollback()
    run.say(f"rolled back: {run.count(queue)}")
    for end in ("rolled back", "committed"):
        channel = run.channel()
        channel.tx_select()
        method, _, body = channel.basic_get(queue)
        run.say(f"get: {body.decode()}, {freshness(method)}, ack {end}, channel closed")
        channel.basic_ack(method.delivery_tag)
        channel.tx_commit() if end == "committed" else channel.tx_rollback()
        channel.close()
        run.settle(queue, 1 if end == "committed" else 2)
    run.say(f"left: {run.drain(queue)}")
    run.failure("commit without select", lambda ch: ch.tx_commit())

    def both(channel):
        channel.confirm_delivery()
        channel.tx_select()

    run.failure("select on a confirm channel", both)


def exchange_bindings(run):
    run.section("exchange to exchange")
    channel, queue = run.channel(), run.queue("e2e")
    source, target = run.name("source"), run.name("target")
    run.exchanges += [source, target]
    channel.exchange_declare(source, "topic")
    channel.exchange_declare(target, "fanout", internal=True)
    channel.queue_bind(queue, target, "")
    channel.exchange_bind(target, source, "log.#")
    run.publish(source, "log.info", "e1")
    run.publish(source, "other", "e2")
    run.say(f"bound: {run.drain(queue)}")
    run.failure("publish to internal", lambda ch: ch.basic_publish(target, "", "lost"))
    run.failure("bind to missing", lambda ch: ch.exchange_bind(run.name("missing"), source, ""))
    channel.exchange_unbind(target, source, "log.#")
    run.publish(source, "log.info", "e3")
    run.say(f"unbound: {run.drain(queue)}")
    channel.exchange_bind(target, source, "log.#")
    channel.exchange_delete(target)
    run.publish(source, "log.info", "e4")
    run.say(f"target deleted: {run.drain(queue)}")


def rpc(run):
    run.section("direct reply-to")
    reply_to, requests = "amq.rabbitmq.reply-to", run.queue("rpc")
    client, server = run.channel(), run.other.channel()
    answers = Inbox(run.connection, client, reply_to, "answers", auto_ack=True)
    inbox = Inbox(run.other, server, requests, "server")
    for number in (2, 3, 4):
        ask = pika.BasicProperties(reply_to=reply_to, correlation_id=f"ask-{number}")
        client.basic_publish("", requests, str(number), ask)
        method, asked, body = inbox.next()
        run.say(f"request {body.decode()}: reply-to {asked.reply_to}, {asked.correlation_id}")
        answer = pika.BasicProperties(correlation_id=asked.correlation_id)
        server.basic_publish("", asked.reply_to, str(int(body) ** 2), answer)
        server.basic_ack(method.delivery_tag)
        method, got, body = answers.next()
        run.say(f"answer {body.decode()}: {got.correlation_id}, exchange '{method.exchange}'")
    ok = server.queue_declare(asked.reply_to, passive=True).method
    run.say(f"passive declare of the address: {ok.message_count} messages,"
            f" {ok.consumer_count} consumers")
    client.basic_cancel("answers")
    run.failure("gone after cancel", lambda ch: ch.queue_declare(asked.reply_to, passive=True))
    run.failure("consume with acks", lambda ch: ch.basic_consume(reply_to, lambda *_: None))
    ask = pika.BasicProperties(reply_to=reply_to)
    run.failure("ask without consumer", lambda ch: ch.basic_publish("", requests, "5", ask))


def outcome(taken):
    return "confirmed" if taken else "refused"


def message_ttl(run):
    run.section("message ttl")
    queue = run.queue("ttl.message")
    run.publish("", queue, "brief", expiration="100")
    run.publish("", queue, "lasting", expiration="60000")
    run.settle(queue, 1)
    run.say(f"left after a time: {run.drain(queue)}")
    run.say(f"expiration 0: {outcome(run.publish('', queue, 'none', expiration='0'))}")
    run.publish("", queue, "next")
    run.say(f"after it: {run.drain(queue)}")
    channel = run.channel()
    inbox = Inbox(run.connection, channel, queue, "waiting")
    run.publish("", queue, "taken", expiration="0")
    method, got, body = inbox.next()
    run.say(f"expiration {got.expiration} for a consumer: {body.decode()}, {freshness(method)}")
    channel.basic_reject(method.delivery_tag, requeue=True)
    run.publish("", queue, "other")
    method, _, body = inbox.next()
    run.say(f"requeued when it was due: {body.decode()}, {freshness(method)}")
    channel.close()
    soon = pika.BasicProperties(expiration="soon")
    run.failure("invalid expiration", lambda ch: ch.basic_publish("", queue, "lost", soon))


def queue_ttl(run):
    run.section("queue ttl")
    queue = run.queue("ttl.queue", message_ttl=100)
    run.publish("", queue, "one")
    run.publish("", queue, "two", expiration="60000")
    run.settle(queue, 0)
    run.say(f"after a time: {run.count(queue)}")


def lengths(run):
    run.section("max-length")
    short, small = run.queue("length", max_length=2), run.queue("octets", max_length_bytes=10)
    for body in ("1111", "2222", "3333", "44", "55"):
        run.publish("", short, body)
        run.publish("", small, body)
    run.say(f"two messages: {run.drain(short)}")
    run.say(f"ten octets: {run.drain(small)}")
    full = run.queue("full", max_length=2, overflow="reject-publish")
    outcomes = [outcome(run.publish("", full, f"r{number}")) for number in range(1, 5)]
    run.say(f"reject-publish: {', '.join(outcomes)}")
    run.say(f"in the queue: {run.drain(full)}")


def show_deaths(run, label, queue):
    """Takes one message and prints what its headers say of where it died, but for the times."""
    run.settle(queue, 1)
    method, got, body = run.confirms.basic_get(queue, auto_ack=True)
    run.say(f"{label}: {body.decode()}, {freshness(method)}, exchange '{method.exchange}',"
            f" key {method.routing_key}, expiration {got.expiration or 'none'}")
    headers = dict(got.headers)
    for death in headers.pop("x-death"):
        keys = " ".join(death["routing-keys"])
        had = death.get("original-expiration")
        timed = "with" if isinstance(death["time"], datetime.datetime) else "without"
        run.say(f"  x-death: {death['reason']} in {death['queue']}, count {death['count']},"
                f" exchange '{death['exchange']}', keys {keys}"
                + (f", expiration {had}" if had else "") + f", {timed} a time")
    for end in ("first", "last"):
        reason, queue, exchange = (
            headers.pop(f"x-{end}-death-{part}") for part in ("reason", "queue", "exchange"))
        run.say(f"  {end} death: {reason} in {queue}, exchange '{exchange}'")
    run.say(f"  other headers: {' '.join(sorted(headers)) or 'none'}")


def dead_letters(run):
    run.section("dead letters")
    dead, grave = run.exchange("fanout"), run.queue("grave")
    run.channel().queue_bind(grave, dead, "")
    source = run.queue("source", dead_letter_exchange=dead)
    entry, channel = run.exchange("direct"), run.channel()
    channel.queue_bind(source, entry, "key")
    run.publish(entry, "key", "rejected", headers={"own": 1})
    method, _, _ = channel.basic_get(source)
    channel.basic_reject(method.delivery_tag, requeue=False)
    show_deaths(run, "rejected", grave)
    run.publish(entry, "key", "expired", expiration="50")
    show_deaths(run, "expired", grave)
    full = run.queue("source.full", dead_letter_exchange=dead, dead_letter_routing_key="new",
                     max_length=1)
    run.publish("", full, "oldest")
    run.publish("", full, "newest")
    show_deaths(run, "too many", grave)
    retry = run.queue("retry", message_ttl=50, dead_letter_exchange="",
                      dead_letter_routing_key=run.name("work"))
    work = run.queue("work", dead_letter_exchange="", dead_letter_routing_key=retry)
    run.publish("", work, "again")
    for _ in range(2):
        run.settle(work, 1)
        method, _, _ = channel.basic_get(work)
        channel.basic_nack(method.delivery_tag, requeue=False)
    show_deaths(run, "twice rejected", work)


def priorities(run):
    run.section("priorities")
    queue, channel = run.queue("priorities", max_priority=5), run.channel()
    for number, priority in enumerate((1, 5, 3, None, 9, 3, 0), 1):
        run.publish("", queue, f"m{number}-{priority or 0}", priority=priority)
    method, got, body = channel.basic_get(queue)
    run.say(f"highest: {body.decode()}, priority {got.priority}, {method.message_count} left")
    channel.basic_nack(method.delivery_tag, requeue=True)
    channel.close()
    run.settle(queue, 7)
    run.say(f"in order: {run.drain(queue)}")


def lease(run):
    run.section("x-expires")
    channel, exchange, grave = run.channel(), run.name("leasing"), run.name("grave")
    # What has no queue any more goes to the dead letters.
    table = {"alternate-exchange": run.name("fanout")}
    run.exchanges.append(exchange)
    channel.exchange_declare(exchange, "direct", arguments=table)
    queue = run.queue("leased", expires=1000)
    channel.queue_bind(queue, exchange, "key")

    def gone():
        run.publish(exchange, "key", "probe")
        return not run.count(grave).startswith("0 ")

    wait_for(run.connection, gone, f"the end of {queue}")
    run.say(f"unused for a time: {run.drain(grave)}")
    run.failure("passive declare", lambda ch: ch.queue_declare(queue, passive=True))


def delivery_limit(run):
    run.section("delivery limit")
    queue = run.queue("quorum", queue_type="quorum", delivery_limit=2,
                      dead_letter_exchange=run.name("fanout"))
    channel = run.channel()
    inbox = Inbox(run.connection, channel, queue, "poisoned")
    run.publish("", queue, "poison")
    for _ in range(3):
        method, got, body = inbox.next()
        count = (got.headers or {}).get("x-delivery-count", "none")
        run.say(f"delivery {method.delivery_tag}: {body.decode()}, {freshness(method)},"
                f" x-delivery-count {count}")
        channel.basic_reject(method.delivery_tag, requeue=True)
    show_deaths(run, "the third time", run.name("grave"))
    run.say(f"left: {run.count(queue)}")


BASIC = [connect, declare, bind_direct, bind_fanout, bind_topic, bind_headers, confirms, returned,
         consume, requeue, gets, errors, prefetch, counts, cancelled, properties, bodies]
MORE = [transactions, exchange_bindings, rpc]
SCOPES = {
    "basic": BASIC,
    "full": BASIC + MORE,
    "features": [message_ttl, queue_ttl, lengths, dead_letters, priorities, lease, delivery_limit],
}


def main():
    if len(sys.argv) != 3 or sys.argv[2] not in SCOPES:
        sys.exit("usage: scenario.py AMQP-URI basic|full|features")
    sys.stdout.reconfigure(encoding="utf-8")
    run = Run(sys.argv[1])
    try:
        for step in SCOPES[sys.argv[2]]:
            step(run)
    finally:
        run.clean()
    run.connection.close()
    run.other.close()


if __name__ == "__main__":
    main()
