// The shared client scenario, spoken by amqplib. Usage: scenario.mjs AMQP-URI basic|full|features
//
// Prints the lines of ../expected-basic.txt or one of its sisters. Everything runs on Node's
// event loop, one awaited step after the other.

import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import amqp from 'amqplib';

// amqplib has no transaction calls: its channels send tx methods by its own frame definitions,
// which its package exports keep to itself. Hence the path.
const defs = createRequire(import.meta.url)('./node_modules/amqplib/lib/defs.js');

const DEADLINE = 10_000; // milliseconds that any single wait may take
const LEASE = { 'x-expires': 300000 }; // the broker removes what a killed run leaves behind
const SOCKET = { noDelay: true }; // or Nagle's algorithm holds every awaited publish for 40 ms

/** One run: two connections, the names made for it, and the printed lines. */
class Run {
  queues = [];
  exchanges = [];
  prefix = `node-${randomBytes(4).toString('hex')}`;

  constructor(uri) {
    this.uri = uri;
    this.user = decodeURIComponent(new URL(uri).username) || 'guest';
  }

  async open() {
    this.connection = await amqp.connect(this.uri, SOCKET);
    this.other = await amqp.connect(this.uri, SOCKET);
    this.confirms = await this.connection.createConfirmChannel();
  }

  section(title) {
    console.log(`== ${title}`);
  }

  say(text) {
    console.log(
      text
        .replaceAll(this.prefix, 'RUN')
        .replace(/amq\.gen-[A-Za-z0-9_-]{22}/g, 'amq.gen-*')
        .replace(/amq\.rabbitmq\.reply-to\.[^\s',]+/g, 'amq.rabbitmq.reply-to.*'),
    );
  }

  name(suffix) {
    return `${this.prefix}.${suffix}`;
  }

  async channel(connection = this.connection) {
    const channel = await connection.createChannel();
    // Without a listener Node ends the process at a channel error; failure() adds its own.
    channel.on('error', () => {});
    return channel;
  }

  /** Declares a durable queue with more x-arguments and returns its name. */
  async queue(suffix, more = {}) {
    const name = this.name(suffix);
    this.queues.push(name);
    await this.confirms.assertQueue(name, { durable: true, arguments: { ...LEASE, ...more } });
    return name;
  }

  async exchange(kind) {
    const name = this.name(kind);
    this.exchanges.push(name);
    await this.confirms.assertExchange(name, kind, { durable: false });
    return name;
  }

  /** Publishes persistently; resolves at the broker's ack (true) or nack (false). */
  publish(exchange, key, body, properties = {}) {
    const options = { deliveryMode: 2, ...properties };
    return within('a confirm', new Promise((resolve) => {
      const confirmed = (nack) => resolve(nack === null);
      this.confirms.publish(exchange, key, Buffer.from(body), options, confirmed);
    }));
  }

  async publishAll(queue, letter, last) {
    const sent = [];
    for (let number = 1; number <= last; number++) {
      sent.push(this.publish('', queue, `${letter}${number}`));
    }
    return Promise.all(sent);
  }

  async count(queue) {
    const ok = await this.confirms.checkQueue(queue);
    return `${ok.messageCount} messages, ${ok.consumerCount} consumers`;
  }

  /** Waits for a closed channel's messages: RabbitMQ may return them after its close-ok. */
  async settle(queue, ready) {
    const end = Date.now() + DEADLINE;
    while ((await this.confirms.checkQueue(queue)).messageCount !== ready) {
      if (Date.now() > end) throw new Error(`waited ${DEADLINE} ms for ${ready} in ${queue}`);
    }
  }

  /** Empties a queue and returns the bodies, with a mark on the redelivered ones. */
  async drain(queue) {
    const bodies = [];
    for (;;) {
      const message = await this.confirms.get(queue, { noAck: true });
      if (!message) return bodies.join(' ') || 'nothing';
      bodies.push(message.content.toString() + (message.fields.redelivered ? '(again)' : ''));
    }
  }

  /** Runs an action on a channel of its own and prints the broker's channel.close. */
  async failure(label, action) {
    const channel = await this.channel();
    const closed = within('a channel error', once(channel, 'error'));
    // The rejected call carries the same error as the event, which async errors raise too.
    await Promise.allSettled([Promise.resolve(action(channel))]);
    const [error] = await closed;
    const [, text] = /with message "(.*)"$/s.exec(error.message);
    this.say(`${label}: ${error.code} ${text}`);
  }

  /** Removes what the run declared, over a fresh connection, whatever state it ended in. */
  async clean() {
    const connection = await amqp.connect(this.uri, SOCKET);
    const channel = await connection.createChannel();
    for (const queue of this.queues) await channel.deleteQueue(queue);
    for (const exchange of this.exchanges) await channel.deleteExchange(exchange);
    await connection.close();
  }
}

/** A consumer that keeps its deliveries until the scenario asks for them. */
class Inbox {
  arrived = [];
  waiting = [];

  static async open(channel, queue, consumerTag, noAck = false) {
    const inbox = new Inbox();
    await channel.consume(queue, (message) => inbox.put(message), { consumerTag, noAck });
    return inbox;
  }

  put(message) {
    const taker = this.waiting.shift();
    if (taker) taker(message);
    else this.arrived.push(message);
  }

  /** The next delivery, or null for the broker's cancel. */
  next() {
    if (this.arrived.length > 0) return Promise.resolve(this.arrived.shift());
    return within('a delivery', new Promise((resolve) => this.waiting.push(resolve)));
  }
}

async function within(what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    const expired = () => reject(new Error(`waited ${DEADLINE} ms for ${what}`));
    timer = setTimeout(expired, DEADLINE);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

const freshness = (message) => (message.fields.redelivered ? 'redelivered' : 'new');
const tagged = (deliveryTag) => ({ fields: { deliveryTag } });

function connect(run) {
  run.section('connect');
  const { capabilities } = run.connection.connection.serverProperties;
  const names = ['basic.nack', 'consumer_cancel_notify', 'exchange_exchange_bindings',
    'publisher_confirms'];
  run.say(`capabilities: ${names.filter((name) => capabilities[name] === true).join(', ')}`);
}

async function declare(run) {
  run.section('declare');
  const queue = await run.queue('work');
  run.say(`new queue: ${await run.count(queue)}`);
  run.say(`same declare again: ${await run.count(await run.queue('work'))}`);
  const channel = await run.channel();
  const named = (await channel.assertQueue('', { exclusive: true, durable: false })).queue;
  run.say(`server-named queue: ${named}`);
  run.say(`passive declare of it: ${await run.count(named)}`);
  await channel.checkExchange('amq.topic');
  run.say('passive declare of amq.topic: ok');
}

async function bindDirect(run) {
  run.section('direct exchange');
  const exchange = await run.exchange('direct');
  const channel = await run.channel();
  const one = await run.queue('direct.one');
  const two = await run.queue('direct.two');
  await channel.bindQueue(one, exchange, 'red');
  for (const key of ['green', 'blue']) await channel.bindQueue(two, exchange, key);
  for (const key of ['red', 'green', 'grey', 'blue', 'red']) await run.publish(exchange, key, key);
  run.say(`key red: ${await run.drain(one)}`);
  run.say(`keys green and blue: ${await run.drain(two)}`);
  await channel.unbindQueue(one, exchange, 'red');
  await run.publish(exchange, 'red', 'red');
  run.say(`after unbind: ${await run.drain(one)}`);
}

async function bindFanout(run) {
  run.section('fanout exchange');
  const exchange = await run.exchange('fanout');
  const channel = await run.channel();
  const queues = [await run.queue('fanout.one'), await run.queue('fanout.two')];
  for (const queue of queues) await channel.bindQueue(queue, exchange, 'ignored');
  await run.publish(exchange, 'any', 'f1');
  await run.publish(exchange, '', 'f2');
  for (const queue of queues) run.say(`${queue}: ${await run.drain(queue)}`);
}

async function bindTopic(run) {
  run.section('topic exchange');
  const exchange = await run.exchange('topic');
  const channel = await run.channel();
  const bindings = [
    ['topic.star', ['stock.*.nyse']],
    ['topic.hash', ['stock.#']],
    ['topic.all', ['#']],
    ['topic.both', ['stock.#', '#.nyse']],
  ];
  for (const [suffix, patterns] of bindings) {
    const queue = await run.queue(suffix);
    for (const pattern of patterns) await channel.bindQueue(queue, exchange, pattern);
  }
  const keys = ['stock.usd.nyse', 'stock', 'stock.a.b.nyse', 'weather.nyse', 'weather.today'];
  for (const key of keys) await run.publish(exchange, key, key);
  for (const [suffix, patterns] of bindings) {
    run.say(`${patterns.join(' and ')}: ${await run.drain(run.name(suffix))}`);
  }
}

async function bindHeaders(run) {
  run.section('headers exchange');
  const exchange = await run.exchange('headers');
  const channel = await run.channel();
  for (const mode of ['all', 'any']) {
    const match = { 'x-match': mode, format: 'pdf', pages: 3 };
    await channel.bindQueue(await run.queue(`headers.${mode}`), exchange, '', match);
  }
  const both = { format: 'pdf', pages: 3, more: true };
  await run.publish(exchange, '', 'both', { headers: both });
  await run.publish(exchange, '', 'one', { headers: { format: 'pdf', pages: 4 } });
  await run.publish(exchange, '', 'none', { headers: { format: 'zip' } });
  await run.publish(exchange, '', 'bare');
  for (const mode of ['all', 'any']) {
    run.say(`x-match ${mode}: ${await run.drain(run.name(`headers.${mode}`))}`);
  }
}

async function confirms(run) {
  run.section('confirms');
  const queue = await run.queue('confirms');
  const acks = (await run.publishAll(queue, 'c', 20)).filter((taken) => taken).length;
  run.say(`20 published: ${acks} confirmed, ${20 - acks} refused`);
  run.say(`in the queue: ${await run.count(queue)}`);
  const lost = await run.publish('', run.name('nowhere'), 'lost');
  run.say(`unroutable: ${lost ? 'confirmed' : 'refused'}`);
}

async function returned(run) {
  run.section('mandatory');
  const returns = [];
  run.confirms.on('return', (message) => returns.push(message));
  const options = { mandatory: true, messageId: 'm-1' };
  for (const exchange of [run.name('direct'), '']) {
    const taken = await run.publish(exchange, run.name('nowhere'), 'lost', options);
    const back = returns.shift();
    if (!back) run.say('no return before the confirm');
    run.say(
      `return: ${back.fields.replyCode} ${back.fields.replyText},` +
        ` exchange '${back.fields.exchange}', key ${back.fields.routingKey},` +
        ` message-id ${back.properties.messageId}, body ${back.content}`,
    );
    run.say(taken ? 'confirmed after the return' : 'refused after the return');
  }
  const taken = await run.publish('', run.name('work'), 'kept', options);
  const clean = taken && returns.length === 0;
  run.say(`routable: ${clean ? 'confirmed without a return' : 'not clean'}`);
  run.say(`in the queue: ${await run.drain(run.name('work'))}`);
}

async function consume(run) {
  run.section('consume with manual ack');
  const queue = await run.queue('consume');
  const channel = await run.channel();
  await run.publishAll(queue, 'k', 5);
  const inbox = await Inbox.open(channel, queue, 'reader');
  for (let number = 1; number <= 5; number++) {
    const message = await inbox.next();
    const { deliveryTag, consumerTag, exchange, routingKey } = message.fields;
    run.say(
      `delivery ${deliveryTag} to ${consumerTag}: ${message.content},` +
        ` ${freshness(message)}, exchange '${exchange}', key ${routingKey}`,
    );
  }
  run.say(`while consuming: ${await run.count(queue)}`);
  channel.ack(tagged(1));
  channel.ack(tagged(3), true);
  await channel.close();
  await run.settle(queue, 2);
  run.say(`1 to 3 acked, channel closed: ${await run.drain(queue)}`);
}

async function requeue(run) {
  run.section('reject, nack, recover');
  const queue = await run.queue('requeue');
  const channel = await run.channel();
  await run.publishAll(queue, 'q', 4);
  const get = async () => {
    const message = await channel.get(queue);
    run.say(`get ${message.fields.deliveryTag}: ${message.content}, ${freshness(message)}`);
    return message;
  };
  const held = [await get(), await get(), await get()];
  for (const index of [1, 2, 0]) channel.nack(held[index], false, true);
  for (let number = 1; number <= 3; number++) await get();
  channel.nack(await get(), true, true);
  channel.reject(await get(), true);
  channel.reject(await get(), false);
  channel.nack(await get(), false, false);
  await get();
  await channel.recover();
  channel.ack(await get());
  channel.ack(await get());
  await channel.close();
  run.say(`at the end: ${await run.count(queue)}`);
}

async function gets(run) {
  run.section('get');
  const queue = await run.queue('get');
  const channel = await run.channel();
  await run.publishAll(queue, 'g', 3);
  for (const noAck of [true, false, false]) {
    const message = await channel.get(queue, { noAck });
    const left = message.fields.messageCount;
    run.say(`get: ${message.content}, ${freshness(message)}, ${left} left`);
  }
  run.say((await channel.get(queue)) === false ? 'get: empty' : 'get: one too many');
  run.say(`with two unacked: ${await run.count(queue)}`);
  await channel.close();
  await run.settle(queue, 2);
  run.say(`after the channel closed: ${await run.drain(queue)}`);
}

async function errors(run) {
  run.section('channel errors');
  const queue = run.name('work');
  const missing = run.name('missing');
  const ignore = () => {};
  await run.failure('passive queue', (ch) => ch.checkQueue(missing));
  await run.failure('passive exchange', (ch) => ch.checkExchange(missing));
  const transient = { durable: false, arguments: LEASE };
  await run.failure('durable differs', (ch) => ch.assertQueue(queue, transient));
  await run.failure('type differs', (ch) =>
    ch.assertExchange(run.name('direct'), 'fanout', { durable: false }));
  await run.failure('reserved name', (ch) => ch.assertQueue('amq.mine'));
  const negative = { arguments: { 'x-message-ttl': -1 } };
  await run.failure('invalid argument', (ch) => ch.assertQueue(missing, negative));
  await run.failure('consume', (ch) => ch.consume(missing, ignore));
  await run.failure('get', (ch) => ch.get(missing));
  await run.failure('bind', (ch) => ch.bindQueue(queue, missing, 'key'));
  await run.failure('publish', (ch) => ch.publish(missing, 'key', Buffer.from('lost')));
  await run.failure('ack', (ch) => ch.ack(tagged(99)));
  await run.failure('delete predeclared', (ch) => ch.deleteExchange('amq.direct'));
  await run.publish('', queue, 'kept');
  await run.failure('delete if empty', (ch) => ch.deleteQueue(queue, { ifEmpty: true }));
  await run.drain(queue);
  const reader = await run.channel();
  await reader.consume(queue, ignore, { consumerTag: 'reader' });
  await run.failure('delete if unused', (ch) => ch.deleteQueue(queue, { ifUnused: true }));
  await run.failure('exclusive consume', (ch) => ch.consume(queue, ignore, { exclusive: true }));
  await reader.cancel('reader');
  const owned = run.name('owned');
  const owner = await amqp.connect(run.uri, SOCKET);
  await (await owner.createChannel()).assertQueue(owned, { exclusive: true });
  await run.failure('exclusive queue', (ch) => ch.checkQueue(owned));
  await owner.close();
  await run.failure('after its owner left', (ch) => ch.checkQueue(owned));
  run.say(`the connection still works: ${await run.count(queue)}`);
}

async function prefetch(run) {
  run.section('prefetch');
  const queue = await run.queue('prefetch');
  const channel = await run.channel();
  await run.publishAll(queue, 'p', 6);
  await channel.prefetch(2);
  const inbox = await Inbox.open(channel, queue, 'limited');
  const take = async () => {
    const message = await inbox.next();
    run.say(`delivery ${message.fields.deliveryTag}: ${message.content}, ${freshness(message)}`);
  };
  await take();
  await take();
  run.say(`two unacked: ${await run.count(queue)}`);
  channel.ack(tagged(1));
  await take();
  run.say(`one acked: ${await run.count(queue)}`);
  channel.ack(tagged(3), true);
  await take();
  await take();
  run.say(`three acked: ${await run.count(queue)}`);
  channel.nack(tagged(4), false, true);
  await take();
  channel.ack(tagged(6), true);
  await take();
  run.say(`one left: ${await run.count(queue)}`);
  channel.ack(tagged(7));
  await channel.cancel('limited');
  run.say(`cancelled: ${await run.count(queue)}`);
}

async function counts(run) {
  run.section('purge and delete');
  const queue = await run.queue('counts');
  const channel = await run.channel();
  await run.publishAll(queue, 'n', 3);
  run.say(`purged: ${(await channel.purgeQueue(queue)).messageCount}`);
  run.say(`purged again: ${(await channel.purgeQueue(queue)).messageCount}`);
  await run.publish('', queue, 'n4');
  await run.publish('', queue, 'n5');
  run.say(`deleted with: ${(await channel.deleteQueue(queue)).messageCount}`);
  run.say(`deleted again with: ${(await channel.deleteQueue(queue)).messageCount}`);
}

async function cancelled(run) {
  run.section('consumer cancel notification');
  const queue = await run.queue('cancelled');
  const channel = await run.channel();
  const inbox = await Inbox.open(channel, queue, 'watcher');
  await run.confirms.deleteQueue(queue);
  // amqplib gives a cancelled consumer null in place of a message.
  if ((await inbox.next()) === null) run.say('queue deleted: watcher cancelled');
  const named = (await channel.assertQueue('', { exclusive: true })).queue;
  run.say(`its channel still works: ${named}`);
}

/** A header value by its logical type, which all languages tell apart. */
function describe(value) {
  if (value === null) return 'void';
  if (typeof value === 'boolean') return `boolean ${value}`;
  if (Number.isInteger(value)) return `integer ${value}`;
  if (typeof value === 'string') return `string ${value}`;
  if (Array.isArray(value)) return `[${value.map(describe).join(', ')}]`;
  if (value['!'] === 'timestamp') return `timestamp ${value.value}`;
  const entries = Object.keys(value).sort().map((key) => `${key}: ${describe(value[key])}`);
  return `{${entries.join(', ')}}`;
}

async function properties(run) {
  run.section('properties and headers');
  const queue = await run.queue('properties');
  const sent = {
    contentType: 'text/plain', contentEncoding: 'utf-8', deliveryMode: 2, priority: 4,
    correlationId: 'c-1', replyTo: 'answers', expiration: '60000', messageId: 'm-1',
    timestamp: 1767323045, type: 'greeting', appId: 'scenario', userId: run.user,
  };
  const headers = {
    flag: true, small: -5, large: 1099511627776, text: 'grün',
    when: { '!': 'timestamp', value: 1767323045 }, list: [1, false, 'two'],
    table: { inner: 'value', deep: { answer: 42 } }, nothing: null, empty: {},
  };
  const exchanged = async (body, options) => {
    await run.publish('', queue, body, options);
    return (await run.confirms.get(queue, { noAck: true })).properties;
  };
  const dashed = (field) => field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  let got = await exchanged('all', { ...sent, headers });
  for (const field of Object.keys(sent)) {
    const mine = field === 'userId' && got.userId === run.user;
    run.say(`${dashed(field)}: ${mine ? 'the login user' : got[field]}`);
  }
  for (const key of Object.keys(headers).sort()) {
    run.say(`header ${key}: ${describe(got.headers[key])}`);
  }
  got = await exchanged('bare', {});
  const optional = ['correlationId', 'replyTo', 'expiration', 'messageId', 'timestamp', 'type',
    'appId', 'userId'];
  const absent = optional.filter((field) => got[field] === undefined).map(dashed);
  run.say(`absent when not sent: ${absent.join(', ')}`);
  const own = {
    double: 2.5,
    decimal: { '!': 'decimal', value: { places: 2, digits: 1234 } },
    bytes: Buffer.from([0, 255]),
    list: [[], [null, -1, 1000, -100000]],
  };
  const tagged = { byte: -7, short: 300, int: 70000, long: 5, float: 0.25 };
  const typed = { ...own };
  for (const [type, value] of Object.entries(tagged)) typed[type] = { '!': type, value };
  got = await exchanged('own', { headers: typed });
  const sorted = (table) => JSON.stringify(Object.entries(table).sort());
  const equal = sorted(got.headers) === sorted({ ...own, ...tagged });
  run.say(`header types of this client: ${equal ? 'equal' : sorted(got.headers)}`);
}

async function bodies(run) {
  run.section('bodies');
  const queue = await run.queue('bodies');
  const block = Buffer.from(Array.from({ length: 256 }, (_, octet) => octet));
  const large = Buffer.concat(Array(1200).fill(block));
  for (const body of [Buffer.alloc(0), Buffer.from('x'), block, large, Buffer.from('grün ✓')]) {
    await run.publish('', queue, body);
    const { content } = await run.confirms.get(queue, { noAck: true });
    const digest = createHash('sha256').update(content).digest('hex').slice(0, 16);
    run.say(`${content.length} bytes, sha256 ${digest}`);
  }
}

const txSelect = (channel) => channel.rpc(defs.TxSelect, {}, defs.TxSelectOk);
const txCommit = (channel) => channel.rpc(defs.TxCommit, {}, defs.TxCommitOk);
const txRollback = (channel) => channel.rpc(defs.TxRollback, {}, defs.TxRollbackOk);

async function transactions(run) {
  run.section('transactions');
  const queue = await run.queue('tx');
  const channel = await run.channel();
  await txSelect(channel);
  for (const body of ['t1', 't2']) channel.publish('', queue, Buffer.from(body));
  run.say(`published: ${await run.count(queue)}`);
  await txCommit(channel);
  run.say(`committed: ${await run.count(queue)}`);
  channel.publish('', queue, Buffer.from('t3'));
  await txRollback(channel);
  run.say(`rolled back: ${await run.count(queue)}`);
  for (const [end, finish] of [['rolled back', txRollback], ['committed', txCommit]]) {
    const acking = await run.channel();
    await txSelect(acking);
    const message = await acking.get(queue);
    run.say(`get: ${message.content}, ${freshness(message)}, ack ${end}, channel closed`);
    acking.ack(message);
    await finish(acking);
    await acking.close();
    await run.settle(queue, end === 'committed' ? 1 : 2);
  }
  run.say(`left: ${await run.drain(queue)}`);
  await run.failure('commit without select', txCommit);
  await run.failure('select on a confirm channel', async (ch) => {
    await ch.rpc(defs.ConfirmSelect, { nowait: false }, defs.ConfirmSelectOk);
    await txSelect(ch);
  });
}

async function exchangeBindings(run) {
  run.section('exchange to exchange');
  const channel = await run.channel();
  const queue = await run.queue('e2e');
  const source = run.name('source');
  const target = run.name('target');
  run.exchanges.push(source, target);
  await channel.assertExchange(source, 'topic', { durable: false });
  await channel.assertExchange(target, 'fanout', { durable: false, internal: true });
  await channel.bindQueue(queue, target, '');
  await channel.bindExchange(target, source, 'log.#');
  await run.publish(source, 'log.info', 'e1');
  await run.publish(source, 'other', 'e2');
  run.say(`bound: ${await run.drain(queue)}`);
  await run.failure('publish to internal', (ch) => ch.publish(target, '', Buffer.from('lost')));
  await run.failure('bind to missing', (ch) => ch.bindExchange(run.name('missing'), source, ''));
  await channel.unbindExchange(target, source, 'log.#');
  await run.publish(source, 'log.info', 'e3');
  run.say(`unbound: ${await run.drain(queue)}`);
  await channel.bindExchange(target, source, 'log.#');
  await channel.deleteExchange(target);
  await run.publish(source, 'log.info', 'e4');
  run.say(`target deleted: ${await run.drain(queue)}`);
}

async function rpc(run) {
  run.section('direct reply-to');
  const replyTo = 'amq.rabbitmq.reply-to';
  const requests = await run.queue('rpc');
  const client = await run.channel();
  const server = await run.channel(run.other);
  const answers = await Inbox.open(client, replyTo, 'answers', true);
  const inbox = await Inbox.open(server, requests, 'server');
  let address;
  for (const number of [2, 3, 4]) {
    const ask = { replyTo, correlationId: `ask-${number}` };
    client.publish('', requests, Buffer.from(String(number)), ask);
    const asked = await inbox.next();
    const { correlationId } = asked.properties;
    address = asked.properties.replyTo;
    run.say(`request ${asked.content}: reply-to ${address}, ${correlationId}`);
    const square = String(Number(asked.content.toString()) ** 2);
    server.publish('', address, Buffer.from(square), { correlationId });
    server.ack(asked);
    const got = await answers.next();
    const { exchange } = got.fields;
    run.say(`answer ${got.content}: ${got.properties.correlationId}, exchange '${exchange}'`);
  }
  const ok = await server.checkQueue(address);
  const held = `${ok.messageCount} messages, ${ok.consumerCount} consumers`;
  run.say(`passive declare of the address: ${held}`);
  await client.cancel('answers');
  await run.failure('gone after cancel', (ch) => ch.checkQueue(address));
  await run.failure('consume with acks', (ch) => ch.consume(replyTo, () => {}));
  await run.failure('ask without consumer', (ch) =>
    ch.publish('', requests, Buffer.from('5'), { replyTo }));
}

const outcome = (taken) => (taken ? 'confirmed' : 'refused');

async function messageTtl(run) {
  run.section('message ttl');
  const queue = await run.queue('ttl.message');
  await run.publish('', queue, 'brief', { expiration: '100' });
  await run.publish('', queue, 'lasting', { expiration: '60000' });
  await run.settle(queue, 1);
  run.say(`left after a time: ${await run.drain(queue)}`);
  const taken = await run.publish('', queue, 'none', { expiration: '0' });
  run.say(`expiration 0: ${outcome(taken)}`);
  await run.publish('', queue, 'next');
  run.say(`after it: ${await run.drain(queue)}`);
  const channel = await run.channel();
  const inbox = await Inbox.open(channel, queue, 'waiting');
  await run.publish('', queue, 'taken', { expiration: '0' });
  const first = await inbox.next();
  const { expiration } = first.properties;
  run.say(`expiration ${expiration} for a consumer: ${first.content}, ${freshness(first)}`);
  channel.reject(first, true);
  await run.publish('', queue, 'other');
  const next = await inbox.next();
  run.say(`requeued when it was due: ${next.content}, ${freshness(next)}`);
  await channel.close();
  await run.failure('invalid expiration', (ch) =>
    ch.publish('', queue, Buffer.from('lost'), { expiration: 'soon' }));
}

async function queueTtl(run) {
  run.section('queue ttl');
  const queue = await run.queue('ttl.queue', { 'x-message-ttl': 100 });
  await run.publish('', queue, 'one');
  await run.publish('', queue, 'two', { expiration: '60000' });
  await run.settle(queue, 0);
  run.say(`after a time: ${await run.count(queue)}`);
}

async function lengths(run) {
  run.section('max-length');
  const few = await run.queue('length', { 'x-max-length': 2 });
  const small = await run.queue('octets', { 'x-max-length-bytes': 10 });
  for (const body of ['1111', '2222', '3333', '44', '55']) {
    await run.publish('', few, body);
    await run.publish('', small, body);
  }
  run.say(`two messages: ${await run.drain(few)}`);
  run.say(`ten octets: ${await run.drain(small)}`);
  const limit = { 'x-max-length': 2, 'x-overflow': 'reject-publish' };
  const full = await run.queue('full', limit);
  const outcomes = [];
  for (let number = 1; number <= 4; number++) {
    outcomes.push(outcome(await run.publish('', full, `r${number}`)));
  }
  run.say(`reject-publish: ${outcomes.join(', ')}`);
  run.say(`in the queue: ${await run.drain(full)}`);
}

/** Takes one message and prints what its headers say of where it died, but for the times. */
async function showDeaths(run, label, queue) {
  await run.settle(queue, 1);
  const message = await run.confirms.get(queue, { noAck: true });
  const { exchange, routingKey } = message.fields;
  const { expiration, headers } = message.properties;
  run.say(
    `${label}: ${message.content}, ${freshness(message)}, exchange '${exchange}',` +
      ` key ${routingKey}, expiration ${expiration ?? 'none'}`,
  );
  for (const death of headers['x-death']) {
    const had = death['original-expiration'];
    run.say(
      `  x-death: ${death.reason} in ${death.queue}, count ${death.count},` +
        ` exchange '${death.exchange}', keys ${death['routing-keys'].join(' ')}` +
        (had === undefined ? '' : `, expiration ${had}`) +
        (death.time['!'] === 'timestamp' ? ', with a time' : ', without a time'),
    );
  }
  delete headers['x-death'];
  for (const end of ['first', 'last']) {
    const [reason, where, from] = ['reason', 'queue', 'exchange'].map((part) => {
      const name = `x-${end}-death-${part}`;
      const value = headers[name];
      delete headers[name];
      return value;
    });
    run.say(`  ${end} death: ${reason} in ${where}, exchange '${from}'`);
  }
  run.say(`  other headers: ${Object.keys(headers).sort().join(' ') || 'none'}`);
}

async function deadLetters(run) {
  run.section('dead letters');
  const dead = await run.exchange('fanout');
  const grave = await run.queue('grave');
  const channel = await run.channel();
  await channel.bindQueue(grave, dead, '');
  const source = await run.queue('source', { 'x-dead-letter-exchange': dead });
  const entry = await run.exchange('direct');
  await channel.bindQueue(source, entry, 'key');
  await run.publish(entry, 'key', 'rejected', { headers: { own: 1 } });
  channel.reject(await channel.get(source), false);
  await showDeaths(run, 'rejected', grave);
  await run.publish(entry, 'key', 'expired', { expiration: '50' });
  await showDeaths(run, 'expired', grave);
  const to = (exchange, key) =>
    ({ 'x-dead-letter-exchange': exchange, 'x-dead-letter-routing-key': key });
  const full = await run.queue('source.full', { ...to(dead, 'new'), 'x-max-length': 1 });
  await run.publish('', full, 'oldest');
  await run.publish('', full, 'newest');
  await showDeaths(run, 'too many', grave);
  const waiting = { ...to('', run.name('work')), 'x-message-ttl': 50 };
  const work = await run.queue('work', to('', await run.queue('retry', waiting)));
  await run.publish('', work, 'again');
  for (let round = 1; round <= 2; round++) {
    await run.settle(work, 1);
    channel.nack(await channel.get(work), false, false);
  }
  await showDeaths(run, 'twice rejected', work);
}

async function priorities(run) {
  run.section('priorities');
  const queue = await run.queue('priorities', { 'x-max-priority': 5 });
  for (const [index, priority] of [1, 5, 3, undefined, 9, 3, 0].entries()) {
    await run.publish('', queue, `m${index + 1}-${priority ?? 0}`, { priority });
  }
  const channel = await run.channel();
  const message = await channel.get(queue);
  const highest = `${message.content}, priority ${message.properties.priority}`;
  run.say(`highest: ${highest}, ${message.fields.messageCount} left`);
  channel.nack(message, false, true);
  await channel.close();
  await run.settle(queue, 7);
  run.say(`in order: ${await run.drain(queue)}`);
}

async function lease(run) {
  run.section('x-expires');
  const channel = await run.channel();
  const exchange = run.name('leasing');
  const grave = run.name('grave');
  run.exchanges.push(exchange);
  // What has no queue any more goes to the dead letters.
  const options = { durable: false, alternateExchange: run.name('fanout') };
  await channel.assertExchange(exchange, 'direct', options);
  const queue = await run.queue('leased', { 'x-expires': 1000 });
  await channel.bindQueue(queue, exchange, 'key');
  const end = Date.now() + DEADLINE;
  do {
    if (Date.now() > end) throw new Error(`waited ${DEADLINE} ms for the end of ${queue}`);
    await run.publish(exchange, 'key', 'probe');
  } while ((await run.count(grave)).startsWith('0 '));
  run.say(`unused for a time: ${await run.drain(grave)}`);
  await run.failure('passive declare', (ch) => ch.checkQueue(queue));
}

async function deliveryLimit(run) {
  run.section('delivery limit');
  const queue = await run.queue('quorum', {
    'x-queue-type': 'quorum',
    'x-delivery-limit': 2,
    'x-dead-letter-exchange': run.name('fanout'),
  });
  const channel = await run.channel();
  const inbox = await Inbox.open(channel, queue, 'poisoned');
  await run.publish('', queue, 'poison');
  for (let number = 1; number <= 3; number++) {
    const message = await inbox.next();
    const count = message.properties.headers['x-delivery-count'] ?? 'none';
    const { deliveryTag } = message.fields;
    run.say(
      `delivery ${deliveryTag}: ${message.content}, ${freshness(message)},` +
        ` x-delivery-count ${count}`,
    );
    channel.reject(message, true);
  }
  await showDeaths(run, 'the third time', run.name('grave'));
  run.say(`left: ${await run.count(queue)}`);
}

const BASIC = [connect, declare, bindDirect, bindFanout, bindTopic, bindHeaders, confirms,
  returned, consume, requeue, gets, errors, prefetch, counts, cancelled, properties, bodies];
const MORE = [transactions, exchangeBindings, rpc];
const SCOPES = {
  basic: BASIC,
  full: [...BASIC, ...MORE],
  features: [messageTtl, queueTtl, lengths, deadLetters, priorities, lease, deliveryLimit],
};

const [uri, scope] = process.argv.slice(2);
if (process.argv.length !== 4 || !Object.hasOwn(SCOPES, scope)) {
  console.error('usage: scenario.mjs AMQP-URI basic|full|features');
  process.exit(1);
}
const run = new Run(uri);
await run.open();
try {
  for (const step of SCOPES[scope]) await step(run);
} finally {
  await run.clean();
  await run.connection.close();
  await run.other.close();
}
