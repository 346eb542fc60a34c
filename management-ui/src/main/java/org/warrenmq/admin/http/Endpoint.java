package org.warrenmq.admin.http;

/** What answers the requests of a route, on a thread that may wait. */
@FunctionalInterface
public interface Endpoint {
  /**
   * Answers.
   *
   * @throws ApiError with the answer of a request that fails
   * @throws org.warrenmq.codec.AmqpError when it is refused as by AMQP
   * @throws IllegalArgumentException when something given in it cannot be
   */
  Reply answer(Request request);
}
