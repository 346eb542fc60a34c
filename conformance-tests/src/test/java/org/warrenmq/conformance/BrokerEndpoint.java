package org.warrenmq.conformance;

/** Where the broker of this run listens, and what ends it; one for the whole run. */
interface BrokerEndpoint extends AutoCloseable {
  /** Address as {@code amqp://user:password@host:port}, with a vhost if it is not "/". */
  String uri();

  /** Stops a broker that this run started; a foreign one is left alone. */
  @Override
  void close() throws Exception;
}
