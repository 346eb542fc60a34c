package org.warrenmq.conformance.pages;

import com.rabbitmq.client.Channel;

/** The Java blocks of a page: the statements of {@link #run}, in the order of the page. */
@FunctionalInterface
interface Example {
  /**
   * Runs them, on the main thread of a process of their own.
   *
   * @param channel open, of a broker that nobody else uses
   */
  void run(Channel channel) throws Exception;
}
