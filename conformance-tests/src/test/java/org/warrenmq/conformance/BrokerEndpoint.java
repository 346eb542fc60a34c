package org.warrenmq.conformance;

import java.util.List;

/** Where the broker of this run listens, and what ends it; one for the whole run. */
interface BrokerEndpoint extends AutoCloseable {
  /**
   * Address as {@code amqp://user:password@host:port}, with a vhost if it is not "/"; another one
   * perhaps after a restart.
   */
  String uri();

  /** Where its HTTP API is, as {@code http://host:port}; empty when nobody knows. */
  String httpUri();

  /** Whether {@link #restart} is possible. */
  boolean canRestart();

  /** Stops the broker and starts it again with what it has on disk; returns when it listens. */
  void restart() throws Exception;

  /** Whether {@link #control} is possible. */
  boolean canControl();

  /**
   * Runs a command of rabbitmqctl.
   *
   * @param words the command, then {@code -p} and a virtual host if it is about one, then arguments
   * @return what it says
   * @throws IllegalStateException when the broker refuses it
   */
  String control(List<String> words) throws Exception;

  /** The same, whatever comes of it. */
  ControlRequest.Outcome tool(List<String> words) throws Exception;

  /** Stops a broker that this run started; a foreign one is left alone. */
  @Override
  void close() throws Exception;
}
