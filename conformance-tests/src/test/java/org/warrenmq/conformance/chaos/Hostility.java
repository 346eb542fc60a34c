package org.warrenmq.conformance.chaos;

import org.warrenmq.conformance.chaos.Session.Act;

/** The kinds of hostile clients. */
enum Hostility {
  /** Pipelines get and nack of one message and reads nothing. */
  GET_CHAIN(Hoards::chainGets),
  /** Never acks one delivery, and all later ones at once. */
  STUCK_ACK(Hoards::leaveOneUnacked),
  /** Takes what it can and acks nothing. */
  NEVER_ACKED(Hoards::ackNothing),
  /** Many durable queues with one large message each. */
  ONE_EACH(Hoards::fillManyQueues),
  /** Consumers that read nothing, and large messages for all of them. */
  UNREAD(Hoards::readNothing),
  /** The first octet of a large body on each of many channels. */
  FIRST_OCTETS(Hoards::beginBodies),
  /** Transactions of thousands of messages that come to nothing. */
  TRANSACTIONS(Hoards::abandonTransactions),
  /** Receivers of large bodies that vanish half-way. */
  VANISHING(Hoards::vanishWhileReceiving),

  /** Property sets of 60 kB, without a body. */
  PROPERTY_SETS(Floods::sendPropertySets),
  /** Many publishers, as fast as they can. */
  PUBLISHERS(Floods::publishTogether),
  /** Small input to many queues at once. */
  FANOUT(Floods::fanOut),
  /** Large bodies that are cut off in the middle. */
  CUT_BODIES(Floods::cutBodies),
  /** Long patterns of many '#', bound and unbound. */
  BINDINGS(Floods::churnBindings),

  /** A thousand client-properties and a login that fails. */
  TALKATIVE(Strangers::introduceAtLength),
  /** Sockets that say nothing, or not enough. */
  IDLE(Strangers::sayNothing),
  /** What is no AMQP, or not quite. */
  GARBAGE(Strangers::sendGarbage),
  /** connection.close without end. */
  CLOSES(Strangers::closeForever),
  /** Two thousand channels at once. */
  CHANNELS(Strangers::openChannels),
  /** Tables in tables in tables. */
  DEEP_TABLES(Strangers::nestTables);

  final Act act;

  Hostility(Act act) {
    this.act = act;
  }
}
