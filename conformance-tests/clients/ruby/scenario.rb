# frozen_string_literal: true

# The shared client scenario, spoken by bunny. Usage: scenario.rb AMQP-URI basic|full|features
#
# Prints the lines of ../expected-basic.txt or one of its sisters. The scenario runs on the main
# thread; bunny's reader and consumer threads only put what arrives into thread-safe queues.

require "bigdecimal"
require "bunny"
require "digest"
require "logger"
require "securerandom"
require "timeout"

DEADLINE = 10 # seconds that any single wait may take
LEASE = { "x-expires" => 300_000 }.freeze # the broker removes what a killed run leaves behind

def taken(arrivals, what)
  Timeout.timeout(DEADLINE, nil, "waited #{DEADLINE} s for #{what}") { arrivals.pop }
end

# Hands every channel.close of the broker to the scenario. Bunny itself reports some to the
# waiting call, some to on_error, and some to nobody when the channel is not used again.
module CloseWatch
  def closes
    @closes ||= Thread::Queue.new
  end

  def handle_method(method)
    super
  ensure
    closes << method if method.is_a?(AMQ::Protocol::Channel::Close)
  end
end

# One run: two connections, the names made for it, and the printed lines.
class Run
  attr_reader :connection, :other, :confirms, :exchanges

  def initialize(uri)
    @uri = uri
    @prefix = "ruby-#{SecureRandom.hex(4)}"
    @connection = connect
    @other = connect
    @confirms = @connection.create_channel
    @confirms.confirm_select
    @queues = []
    @exchanges = []
  end

  def connect
    quiet = Logger.new($stderr, level: Logger::ERROR)
    Bunny.new(@uri, automatically_recover: false, logger: quiet).start
  end

  def section(title)
    puts "== #{title}"
  end

  def say(text)
    puts text.gsub(@prefix, "RUN")
             .gsub(/amq\.gen-[A-Za-z0-9_-]{22}/, "amq.gen-*")
             .gsub(/amq\.rabbitmq\.reply-to\.[^\s',]+/, "amq.rabbitmq.reply-to.*")
  end

  def name(suffix)
    "#{@prefix}.#{suffix}"
  end

  def channel(connection = @connection)
    connection.create_channel.extend(CloseWatch)
  end

  # Declares a durable queue with more x-arguments and returns its name.
  def queue(suffix, more = {})
    @queues << name(suffix)
    @confirms.queue_declare(name(suffix), durable: true, arguments: LEASE.merge(more))
    name(suffix)
  end

  def exchange(kind)
    @exchanges << name(kind)
    @confirms.exchange_declare(name(kind), kind)
    name(kind)
  end

  # Publishes persistently; returns after the broker's ack (true) or nack (false).
  def publish(exchange, key, body, options = {})
    @confirms.basic_publish(body.dup, exchange, key, { persistent: true }.merge(options))
    @confirms.wait_for_confirms
  end

  def publish_all(queue, letter, last)
    (1..last).each { |number| @confirms.basic_publish("#{letter}#{number}", "", queue) }
    @confirms.wait_for_confirms
  end

  def count(queue)
    ok = @confirms.queue_declare(queue, passive: true)
    "#{ok.message_count} messages, #{ok.consumer_count} consumers"
  end

  # Waits for a closed channel's messages: RabbitMQ may return them after its close-ok.
  def settle(queue, ready)
    Timeout.timeout(DEADLINE, nil, "waited #{DEADLINE} s for #{ready} in #{queue}") do
      nil until @confirms.queue_declare(queue, passive: true).message_count == ready
    end
  end

  # Empties a queue and returns the bodies, with a mark on the redelivered ones.
  def drain(queue)
    bodies = []
    loop do
      info, _, body = @confirms.basic_get(queue, manual_ack: false)
      return bodies.empty? ? "nothing" : bodies.join(" ") if info.nil?

      bodies << (body + (info.redelivered ? "(again)" : ""))
    end
  end

  # Runs an action on a channel of its own and prints the broker's channel.close.
  def failure(label)
    channel = self.channel
    begin
      yield channel
    rescue Bunny::ChannelLevelException
      # The same channel.close is in closes, where asynchronous errors arrive as well.
    end
    close = taken(channel.closes, "a channel error")
    say "#{label}: #{close.reply_code} #{close.reply_text}"
  end

  # Removes what the run declared, over a fresh connection, whatever state it ended in.
  def clean
    connection = connect
    channel = connection.create_channel
    @queues.each { |queue| channel.queue_delete(queue) }
    @exchanges.each { |exchange| channel.exchange_delete(exchange) }
    connection.close
  end
end

# A consumer that keeps its deliveries until the scenario asks for them.
class Inbox
  attr_reader :cancels

  def initialize(channel, queue, tag, auto_ack: false)
    @arrived = Thread::Queue.new
    @cancels = Thread::Queue.new
    consumer = Bunny::Consumer.new(channel, queue, tag, auto_ack)
    consumer.on_delivery { |info, properties, body| @arrived << [info, properties, body] }
    consumer.on_cancellation { |cancel| @cancels << cancel.consumer_tag }
    channel.basic_consume_with(consumer)
  end

  # The next delivery as [info, properties, body].
  def next
    taken(@arrived, "a delivery")
  end
end

def freshness(info)
  info.redelivered ? "redelivered" : "new"
end

def connect(run)
  run.section("connect")
  names = %w[basic.nack consumer_cancel_notify exchange_exchange_bindings publisher_confirms]
  held = names.select { |name| run.connection.server_capabilities[name] == true }
  run.say("capabilities: #{held.join(', ')}")
end

def declare(run)
  run.section("declare")
  queue = run.queue("work")
  run.say("new queue: #{run.count(queue)}")
  run.say("same declare again: #{run.count(run.queue('work'))}")
  channel = run.channel
  named = channel.queue_declare("", exclusive: true).queue
  run.say("server-named queue: #{named}")
  run.say("passive declare of it: #{run.count(named)}")
  channel.exchange_declare("amq.topic", "topic", passive: true)
  run.say("passive declare of amq.topic: ok")
end

def bind_direct(run)
  run.section("direct exchange")
  exchange = run.exchange("direct")
  channel = run.channel
  one = run.queue("direct.one")
  two = run.queue("direct.two")
  channel.queue_bind(one, exchange, routing_key: "red")
  %w[green blue].each { |key| channel.queue_bind(two, exchange, routing_key: key) }
  %w[red green grey blue red].each { |key| run.publish(exchange, key, key) }
  run.say("key red: #{run.drain(one)}")
  run.say("keys green and blue: #{run.drain(two)}")
  channel.queue_unbind(one, exchange, routing_key: "red", arguments: {})
  run.publish(exchange, "red", "red")
  run.say("after unbind: #{run.drain(one)}")
end

def bind_fanout(run)
  run.section("fanout exchange")
  exchange = run.exchange("fanout")
  channel = run.channel
  queues = [run.queue("fanout.one"), run.queue("fanout.two")]
  queues.each { |queue| channel.queue_bind(queue, exchange, routing_key: "ignored") }
  run.publish(exchange, "any", "f1")
  run.publish(exchange, "", "f2")
  queues.each { |queue| run.say("#{queue}: #{run.drain(queue)}") }
end

def bind_topic(run)
  run.section("topic exchange")
  exchange = run.exchange("topic")
  channel = run.channel
  bindings = {
    "topic.star" => ["stock.*.nyse"],
    "topic.hash" => ["stock.#"],
    "topic.all" => ["#"],
    "topic.both" => ["stock.#", "#.nyse"]
  }
  bindings.each do |suffix, patterns|
    queue = run.queue(suffix)
    patterns.each { |pattern| channel.queue_bind(queue, exchange, routing_key: pattern) }
  end
  keys = %w[stock.usd.nyse stock stock.a.b.nyse weather.nyse weather.today]
  keys.each { |key| run.publish(exchange, key, key) }
  bindings.each do |suffix, patterns|
    run.say("#{patterns.join(' and ')}: #{run.drain(run.name(suffix))}")
  end
end

def bind_headers(run)
  run.section("headers exchange")
  exchange = run.exchange("headers")
  channel = run.channel
  queues = %w[all any].to_h { |mode| [mode, run.queue("headers.#{mode}")] }
  queues.each do |mode, queue|
    match = { "x-match" => mode, "format" => "pdf", "pages" => 3 }
    channel.queue_bind(queue, exchange, routing_key: "", arguments: match)
  end
  both = { "format" => "pdf", "pages" => 3, "more" => true }
  run.publish(exchange, "", "both", headers: both)
  run.publish(exchange, "", "one", headers: { "format" => "pdf", "pages" => 4 })
  run.publish(exchange, "", "none", headers: { "format" => "zip" })
  run.publish(exchange, "", "bare")
  queues.each { |mode, queue| run.say("x-match #{mode}: #{run.drain(queue)}") }
end

def confirms(run)
  run.section("confirms")
  queue = run.queue("confirms")
  run.publish_all(queue, "c", 20)
  refused = run.confirms.nacked_set.size
  run.say("20 published: #{20 - refused} confirmed, #{refused} refused")
  run.say("in the queue: #{run.count(queue)}")
  lost = run.publish("", run.name("nowhere"), "lost")
  run.say("unroutable: #{lost ? 'confirmed' : 'refused'}")
end

def returned(run)
  run.section("mandatory")
  returns = Thread::Queue.new
  options = { mandatory: true, message_id: "m-1" }
  [run.name("direct"), ""].each do |exchange|
    # Bunny hands returns to the exchange object of the same name on the channel.
    known = Bunny::Exchange.new(run.confirms, :direct, exchange, no_declare: true)
    known.on_return { |info, properties, body| returns << [info, properties, body] }
    accepted = run.publish(exchange, run.name("nowhere"), "lost", options)
    run.say("no return before the confirm") if returns.empty?
    info, properties, body = taken(returns, "a return")
    run.say("return: #{info.reply_code} #{info.reply_text}, exchange '#{info.exchange}', " \
            "key #{info.routing_key}, message-id #{properties.message_id}, body #{body}")
    run.say("#{accepted ? 'confirmed' : 'refused'} after the return")
  end
  clean = run.publish("", run.name("work"), "kept", options) && returns.empty?
  run.say("routable: #{clean ? 'confirmed without a return' : 'not clean'}")
  run.say("in the queue: #{run.drain(run.name('work'))}")
end

def consume(run)
  run.section("consume with manual ack")
  queue = run.queue("consume")
  channel = run.channel
  run.publish_all(queue, "k", 5)
  inbox = Inbox.new(channel, queue, "reader")
  5.times do
    info, _, body = inbox.next
    run.say("delivery #{info.delivery_tag.to_i} to #{info.consumer_tag}: #{body}, " \
            "#{freshness(info)}, exchange '#{info.exchange}', key #{info.routing_key}")
  end
  run.say("while consuming: #{run.count(queue)}")
  channel.basic_ack(1)
  channel.basic_ack(3, true)
  channel.close
  run.settle(queue, 2)
  run.say("1 to 3 acked, channel closed: #{run.drain(queue)}")
end

def requeue(run)
  run.section("reject, nack, recover")
  queue = run.queue("requeue")
  channel = run.channel
  run.publish_all(queue, "q", 4)
  get = lambda do
    info, _, body = channel.basic_get(queue, manual_ack: true)
    run.say("get #{info.delivery_tag.to_i}: #{body}, #{freshness(info)}")
    info.delivery_tag.to_i
  end
  held = Array.new(3) { get.call }
  held.values_at(1, 2, 0).each { |tag| channel.basic_nack(tag, false, true) }
  3.times { get.call }
  channel.basic_nack(get.call, true, true)
  channel.basic_reject(get.call, true)
  channel.basic_reject(get.call, false)
  channel.basic_nack(get.call, false, false)
  get.call
  channel.basic_recover(true)
  2.times { channel.basic_ack(get.call) }
  channel.close
  run.say("at the end: #{run.count(queue)}")
end

def gets(run)
  run.section("get")
  queue = run.queue("get")
  channel = run.channel
  run.publish_all(queue, "g", 3)
  [false, true, true].each do |manual|
    info, _, body = channel.basic_get(queue, manual_ack: manual)
    run.say("get: #{body}, #{freshness(info)}, #{info.message_count} left")
  end
  info, = channel.basic_get(queue, manual_ack: true)
  run.say(info.nil? ? "get: empty" : "get: one too many")
  run.say("with two unacked: #{run.count(queue)}")
  channel.close
  run.settle(queue, 2)
  run.say("after the channel closed: #{run.drain(queue)}")
end

def errors(run)
  run.section("channel errors")
  queue = run.name("work")
  missing = run.name("missing")
  run.failure("passive queue") { |ch| ch.queue_declare(missing, passive: true) }
  run.failure("passive exchange") { |ch| ch.exchange_declare(missing, "direct", passive: true) }
  run.failure("durable differs") { |ch| ch.queue_declare(queue, arguments: LEASE) }
  run.failure("type differs") { |ch| ch.exchange_declare(run.name("direct"), "fanout") }
  run.failure("reserved name") { |ch| ch.queue_declare("amq.mine") }
  negative = { "x-message-ttl" => -1 }
  run.failure("invalid argument") { |ch| ch.queue_declare(missing, arguments: negative) }
  run.failure("consume") { |ch| ch.basic_consume(missing, "reader") }
  run.failure("get") { |ch| get_missing(ch, missing) }
  run.failure("bind") { |ch| ch.queue_bind(queue, missing, routing_key: "key") }
  run.failure("publish") { |ch| ch.basic_publish(+"lost", missing, "key") }
  run.failure("ack") { |ch| ch.basic_ack(99) }
  run.failure("delete predeclared") { |ch| ch.exchange_delete("amq.direct") }
  run.publish("", queue, "kept")
  run.failure("delete if empty") { |ch| ch.queue_delete(queue, if_empty: true) }
  run.drain(queue)
  reader = run.channel
  reader.basic_consume(queue, "reader")
  run.failure("delete if unused") { |ch| ch.queue_delete(queue, if_unused: true) }
  run.failure("exclusive consume") { |ch| ch.basic_consume(queue, "greedy", false, true) }
  reader.basic_cancel("reader")
  exclusive(run)
  run.say("the connection still works: #{run.count(queue)}")
end

# Bunny's own basic_get waits out its continuation timeout (15 s) on a channel error, so this one
# sends the frame and leaves the channel.close to CloseWatch.
def get_missing(channel, queue)
  channel.connection.send_frame(AMQ::Protocol::Basic::Get.encode(channel.id, queue, true))
end

def exclusive(run)
  owned = run.name("owned")
  owner = run.connect
  owner.create_channel.queue_declare(owned, exclusive: true)
  run.failure("exclusive queue") { |ch| ch.queue_declare(owned, passive: true) }
  owner.close
  run.failure("after its owner left") { |ch| ch.queue_declare(owned, passive: true) }
end

def prefetch(run)
  run.section("prefetch")
  queue = run.queue("prefetch")
  channel = run.channel
  run.publish_all(queue, "p", 6)
  channel.basic_qos(2)
  inbox = Inbox.new(channel, queue, "limited")
  take = lambda do
    info, _, body = inbox.next
    run.say("delivery #{info.delivery_tag.to_i}: #{body}, #{freshness(info)}")
  end
  2.times { take.call }
  run.say("two unacked: #{run.count(queue)}")
  channel.basic_ack(1)
  take.call
  run.say("one acked: #{run.count(queue)}")
  channel.basic_ack(3, true)
  2.times { take.call }
  run.say("three acked: #{run.count(queue)}")
  channel.basic_nack(4, false, true)
  take.call
  channel.basic_ack(6, true)
  take.call
  run.say("one left: #{run.count(queue)}")
  channel.basic_ack(7)
  channel.basic_cancel("limited")
  run.say("cancelled: #{run.count(queue)}")
end

def counts(run)
  run.section("purge and delete")
  queue = run.queue("counts")
  channel = run.channel
  run.publish_all(queue, "n", 3)
  run.say("purged: #{channel.queue_purge(queue).message_count}")
  run.say("purged again: #{channel.queue_purge(queue).message_count}")
  run.publish("", queue, "n4")
  run.publish("", queue, "n5")
  run.say("deleted with: #{channel.queue_delete(queue).message_count}")
  run.say("deleted again with: #{channel.queue_delete(queue).message_count}")
end

def cancelled(run)
  run.section("consumer cancel notification")
  queue = run.queue("cancelled")
  channel = run.channel
  inbox = Inbox.new(channel, queue, "watcher")
  run.confirms.queue_delete(queue)
  run.say("queue deleted: #{taken(inbox.cancels, 'the cancel')} cancelled")
  run.say("its channel still works: #{channel.queue_declare('', exclusive: true).queue}")
end

# A header value by its logical type, which all languages tell apart.
def describe(value)
  case value
  when nil then "void"
  when true, false then "boolean #{value}"
  when Integer then "integer #{value}"
  when String then "string #{value.dup.force_encoding(Encoding::UTF_8)}"
  when Time then "timestamp #{value.to_i}"
  when Array then "[#{value.map { |item| describe(item) }.join(', ')}]"
  when Hash then "{#{value.sort.map { |key, item| "#{key}: #{describe(item)}" }.join(', ')}}"
  else "#{value.class} #{value}"
  end
end

def dashed(field)
  field.to_s.tr("_", "-")
end

def exchanged(run, queue, options)
  run.publish("", queue, "body", options)
  _, properties, = run.confirms.basic_get(queue, manual_ack: false)
  properties
end

def properties(run)
  run.section("properties and headers")
  queue = run.queue("properties")
  user = run.connection.user
  sent = {
    content_type: "text/plain", content_encoding: "utf-8", delivery_mode: 2, priority: 4,
    correlation_id: "c-1", reply_to: "answers", expiration: "60000", message_id: "m-1",
    timestamp: 1_767_323_045, type: "greeting", app_id: "scenario", user_id: user
  }
  headers = {
    "flag" => true, "small" => -5, "large" => 1_099_511_627_776, "text" => "grün",
    "when" => Time.at(1_767_323_045), "list" => [1, false, "two"],
    "table" => { "inner" => "value", "deep" => { "answer" => 42 } },
    "nothing" => nil, "empty" => {}
  }
  got = exchanged(run, queue, sent.merge(headers: headers))
  sent.each_key do |field|
    value = field == :timestamp ? got[field].to_i : got[field]
    value = "the login user" if field == :user_id && value == user
    run.say("#{dashed(field)}: #{value}")
  end
  headers.keys.sort.each { |key| run.say("header #{key}: #{describe(got[:headers][key])}") }
  bare_properties(run, queue)
  own_types(run, queue)
end

def bare_properties(run, queue)
  got = exchanged(run, queue, {})
  optional = %i[correlation_id reply_to expiration message_id timestamp type app_id user_id]
  absent = optional.select { |field| got[field].nil? }
  run.say("absent when not sent: #{absent.map { |field| dashed(field) }.join(', ')}")
end

def own_types(run, queue)
  own = { "double" => 2.5, "decimal" => BigDecimal("1234"), "list" => [[], [-1, "x"]] }
  got = exchanged(run, queue, headers: own)[:headers]
  run.say("header types of this client: #{got == own ? 'equal' : got}")
end

def bodies(run)
  run.section("bodies")
  queue = run.queue("bodies")
  block = (0..255).to_a.pack("C*")
  ["", "x", block, block * 1200, "grün ✓"].each do |body|
    run.publish("", queue, body)
    _, _, got = run.confirms.basic_get(queue, manual_ack: false)
    run.say("#{got.bytesize} bytes, sha256 #{Digest::SHA256.hexdigest(got)[0, 16]}")
  end
end

def transactions(run)
  run.section("transactions")
  queue = run.queue("tx")
  channel = run.channel
  channel.tx_select
  %w[t1 t2].each { |body| channel.basic_publish(body.dup, "", queue) }
  run.say("published: #{run.count(queue)}")
  channel.tx_commit
  run.say("committed: #{run.count(queue)}")
  channel.basic_publish(+"t3", "", queue)
  channel.tx_rollback
  run.say("rolled back: #{run.count(queue)}")
  transacted_ack(run, queue, "rolled back", :tx_rollback)
  run.settle(queue, 2)
  transacted_ack(run, queue, "committed", :tx_commit)
  run.settle(queue, 1)
  run.say("left: #{run.drain(queue)}")
  run.failure("commit without select", &:tx_commit)
  run.failure("select on a confirm channel") do |ch|
    ch.confirm_select
    ch.tx_select
  end
end

def transacted_ack(run, queue, label, ending)
  channel = run.channel
  channel.tx_select
  info, _, body = channel.basic_get(queue, manual_ack: true)
  run.say("get: #{body}, #{freshness(info)}, ack #{label}, channel closed")
  channel.basic_ack(info.delivery_tag.to_i)
  channel.public_send(ending)
  channel.close
end

def exchange_bindings(run)
  run.section("exchange to exchange")
  channel = run.channel
  queue = run.queue("e2e")
  source = run.name("source")
  target = run.name("target")
  run.exchanges.push(source, target)
  channel.exchange_declare(source, "topic")
  channel.exchange_declare(target, "fanout", internal: true)
  channel.queue_bind(queue, target, routing_key: "")
  channel.exchange_bind(source, target, routing_key: "log.#")
  run.publish(source, "log.info", "e1")
  run.publish(source, "other", "e2")
  run.say("bound: #{run.drain(queue)}")
  run.failure("publish to internal") { |ch| ch.basic_publish(+"lost", target, "") }
  missing = run.name("missing")
  run.failure("bind to missing") { |ch| ch.exchange_bind(source, missing, routing_key: "") }
  channel.exchange_unbind(source, target, routing_key: "log.#")
  run.publish(source, "log.info", "e3")
  run.say("unbound: #{run.drain(queue)}")
  channel.exchange_bind(source, target, routing_key: "log.#")
  channel.exchange_delete(target)
  run.publish(source, "log.info", "e4")
  run.say("target deleted: #{run.drain(queue)}")
end

REPLY_TO = "amq.rabbitmq.reply-to"

def rpc(run)
  run.section("direct reply-to")
  requests = run.queue("rpc")
  client = run.channel
  server = run.channel(run.other)
  answers = Inbox.new(client, REPLY_TO, "answers", auto_ack: true)
  inbox = Inbox.new(server, requests, "server")
  address = nil
  [2, 3, 4].each do |number|
    ask = { reply_to: REPLY_TO, correlation_id: "ask-#{number}" }
    client.basic_publish(number.to_s, "", requests, ask)
    address = answer(run, server, inbox)
    info, got, body = answers.next
    run.say("answer #{body}: #{got.correlation_id}, exchange '#{info.exchange}'")
  end
  run.say("passive declare of the address: #{run.count(address)}")
  client.basic_cancel("answers")
  run.failure("gone after cancel") { |ch| ch.queue_declare(address, passive: true) }
  run.failure("consume with acks") { |ch| ch.basic_consume(REPLY_TO, "acking") }
  run.failure("ask without consumer") do |ch|
    ch.basic_publish(+"5", "", requests, reply_to: REPLY_TO)
  end
end

# Answers one request with its square and returns the address the answer went to.
def answer(run, server, inbox)
  info, asked, body = inbox.next
  run.say("request #{body}: reply-to #{asked.reply_to}, #{asked.correlation_id}")
  square = (body.to_i**2).to_s
  server.basic_publish(square, "", asked.reply_to, correlation_id: asked.correlation_id)
  server.basic_ack(info.delivery_tag.to_i)
  asked.reply_to
end

def outcome(taken)
  taken ? "confirmed" : "refused"
end

def message_ttl(run)
  run.section("message ttl")
  queue = run.queue("ttl.message")
  run.publish("", queue, "brief", expiration: "100")
  run.publish("", queue, "lasting", expiration: "60000")
  run.settle(queue, 1)
  run.say("left after a time: #{run.drain(queue)}")
  run.say("expiration 0: #{outcome(run.publish('', queue, 'none', expiration: '0'))}")
  run.publish("", queue, "next")
  run.say("after it: #{run.drain(queue)}")
  channel = run.channel
  inbox = Inbox.new(channel, queue, "waiting")
  run.publish("", queue, "taken", expiration: "0")
  info, got, body = inbox.next
  run.say("expiration #{got.expiration} for a consumer: #{body}, #{freshness(info)}")
  channel.basic_reject(info.delivery_tag.to_i, true)
  run.publish("", queue, "other")
  info, _, body = inbox.next
  run.say("requeued when it was due: #{body}, #{freshness(info)}")
  channel.close
  run.failure("invalid expiration") do |ch|
    ch.basic_publish(+"lost", "", queue, expiration: "soon")
  end
end

def queue_ttl(run)
  run.section("queue ttl")
  queue = run.queue("ttl.queue", "x-message-ttl" => 100)
  run.publish("", queue, "one")
  run.publish("", queue, "two", expiration: "60000")
  run.settle(queue, 0)
  run.say("after a time: #{run.count(queue)}")
end

def lengths(run)
  run.section("max-length")
  few = run.queue("length", "x-max-length" => 2)
  small = run.queue("octets", "x-max-length-bytes" => 10)
  %w[1111 2222 3333 44 55].each do |body|
    run.publish("", few, body)
    run.publish("", small, body)
  end
  run.say("two messages: #{run.drain(few)}")
  run.say("ten octets: #{run.drain(small)}")
  full = run.queue("full", "x-max-length" => 2, "x-overflow" => "reject-publish")
  outcomes = (1..4).map { |number| outcome(run.publish("", full, "r#{number}")) }
  run.say("reject-publish: #{outcomes.join(', ')}")
  run.say("in the queue: #{run.drain(full)}")
end

# Takes one message and prints what its headers say of where it died, but for the times.
def show_deaths(run, label, queue)
  run.settle(queue, 1)
  info, got, body = run.confirms.basic_get(queue, manual_ack: false)
  run.say("#{label}: #{body}, #{freshness(info)}, exchange '#{info.exchange}', " \
          "key #{info.routing_key}, expiration #{got[:expiration] || 'none'}")
  headers = got[:headers]
  headers.delete("x-death").each { |death| show_death(run, death) }
  %w[first last].each do |ending|
    reason, where, from =
      %w[reason queue exchange].map { |part| headers.delete("x-#{ending}-death-#{part}") }
    run.say("  #{ending} death: #{reason} in #{where}, exchange '#{from}'")
  end
  run.say("  other headers: #{headers.empty? ? 'none' : headers.keys.sort.join(' ')}")
end

def show_death(run, death)
  had = death["original-expiration"]
  timed = death["time"].is_a?(Time) ? "with" : "without"
  run.say("  x-death: #{death['reason']} in #{death['queue']}, count #{death['count']}, " \
          "exchange '#{death['exchange']}', keys #{death['routing-keys'].join(' ')}" \
          "#{had && ", expiration #{had}"}, #{timed} a time")
end

def dead_letter(exchange, key)
  { "x-dead-letter-exchange" => exchange, "x-dead-letter-routing-key" => key }
end

def dead_letters(run)
  run.section("dead letters")
  dead = run.exchange("fanout")
  grave = run.queue("grave")
  channel = run.channel
  channel.queue_bind(grave, dead, routing_key: "")
  source = run.queue("source", "x-dead-letter-exchange" => dead)
  entry = run.exchange("direct")
  channel.queue_bind(source, entry, routing_key: "key")
  run.publish(entry, "key", "rejected", headers: { "own" => 1 })
  info, = channel.basic_get(source, manual_ack: true)
  channel.basic_reject(info.delivery_tag.to_i, false)
  show_deaths(run, "rejected", grave)
  run.publish(entry, "key", "expired", expiration: "50")
  show_deaths(run, "expired", grave)
  full = run.queue("source.full", dead_letter(dead, "new").merge("x-max-length" => 1))
  run.publish("", full, "oldest")
  run.publish("", full, "newest")
  show_deaths(run, "too many", grave)
  twice_rejected(run, channel)
end

def twice_rejected(run, channel)
  waiting = dead_letter("", run.name("work")).merge("x-message-ttl" => 50)
  work = run.queue("work", dead_letter("", run.queue("retry", waiting)))
  run.publish("", work, "again")
  2.times do
    run.settle(work, 1)
    info, = channel.basic_get(work, manual_ack: true)
    channel.basic_nack(info.delivery_tag.to_i, false, false)
  end
  show_deaths(run, "twice rejected", work)
end

def priorities(run)
  run.section("priorities")
  queue = run.queue("priorities", "x-max-priority" => 5)
  [1, 5, 3, nil, 9, 3, 0].each_with_index do |priority, index|
    options = priority ? { priority: priority } : {}
    run.publish("", queue, "m#{index + 1}-#{priority || 0}", options)
  end
  channel = run.channel
  info, got, body = channel.basic_get(queue, manual_ack: true)
  run.say("highest: #{body}, priority #{got[:priority]}, #{info.message_count} left")
  channel.basic_nack(info.delivery_tag.to_i, false, true)
  channel.close
  run.settle(queue, 7)
  run.say("in order: #{run.drain(queue)}")
end

def lease(run)
  run.section("x-expires")
  channel = run.channel
  exchange = run.name("leasing")
  grave = run.name("grave")
  run.exchanges.push(exchange)
  # What has no queue any more goes to the dead letters.
  table = { "alternate-exchange" => run.name("fanout") }
  channel.exchange_declare(exchange, "direct", arguments: table)
  queue = run.queue("leased", "x-expires" => 1000)
  channel.queue_bind(queue, exchange, routing_key: "key")
  Timeout.timeout(DEADLINE, nil, "waited #{DEADLINE} s for the end of #{queue}") do
    run.publish(exchange, "key", "probe") while run.count(grave).start_with?("0 ")
  end
  run.say("unused for a time: #{run.drain(grave)}")
  run.failure("passive declare") { |ch| ch.queue_declare(queue, passive: true) }
end

def delivery_limit(run)
  run.section("delivery limit")
  limited = { "x-queue-type" => "quorum", "x-delivery-limit" => 2 }
  queue = run.queue("quorum", limited.merge("x-dead-letter-exchange" => run.name("fanout")))
  channel = run.channel
  inbox = Inbox.new(channel, queue, "poisoned")
  run.publish("", queue, "poison")
  3.times do
    info, got, body = inbox.next
    count = (got.headers || {}).fetch("x-delivery-count", "none")
    run.say("delivery #{info.delivery_tag.to_i}: #{body}, #{freshness(info)}, " \
            "x-delivery-count #{count}")
    channel.basic_reject(info.delivery_tag.to_i, true)
  end
  show_deaths(run, "the third time", run.name("grave"))
  run.say("left: #{run.count(queue)}")
end

BASIC = %i[connect declare bind_direct bind_fanout bind_topic bind_headers confirms returned
           consume requeue gets errors prefetch counts cancelled properties bodies].freeze
MORE = %i[transactions exchange_bindings rpc].freeze
SCOPES = {
  "basic" => BASIC,
  "full" => BASIC + MORE,
  "features" => %i[message_ttl queue_ttl lengths dead_letters priorities lease delivery_limit]
}.freeze

unless ARGV.size == 2 && SCOPES.key?(ARGV[1])
  abort "usage: scenario.rb AMQP-URI basic|full|features"
end
$stdout.set_encoding(Encoding::UTF_8)
run = Run.new(ARGV[0])
begin
  SCOPES[ARGV[1]].each { |step| send(step, run) }
ensure
  run.clean
end
run.connection.close
run.other.close
