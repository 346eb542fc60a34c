package org.warrenmq.admin.http;

import org.warrenmq.codec.AmqpError;

/**
 * A request that is answered with an error: a status and the body that RabbitMQ gives it. It has no
 * stack trace: it is the client's doing. Immutable.
 */
public final class ApiError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String error;
  private final transient Object reason;

  /**
   * @param reason a text, or whatever JSON takes
   */
  public ApiError(int status, String error, Object reason) {
    super(error + ": " + reason, null, false, false);
    this.status = status;
    this.error = error;
    this.reason = reason;
  }

  public int status() {
    return status;
  }

  /** The kind of error, as RabbitMQ calls it. */
  public String error() {
    return error;
  }

  /** What is wrong. */
  public Object reason() {
    return reason;
  }

  public static ApiError badRequest(String reason) {
    return new ApiError(400, "bad_request", reason);
  }

  /** Nobody knows who asks. */
  public static ApiError notAuthenticated() {
    return new ApiError(401, "not_authorized", "Not_Authorized");
  }

  /** Whoever asks may not. */
  public static ApiError notAuthorised(String reason) {
    return new ApiError(401, "not_authorised", reason);
  }

  /** What a path names is not there. */
  public static ApiError notFound() {
    return new ApiError(404, "Object Not Found", "Not Found");
  }

  /**
   * The same for what RabbitMQ calls by its kind.
   *
   * @param what queue, exchange or vhost
   */
  public static ApiError notFound(String what) {
    return new ApiError(404, "not_found", what + "_not_found");
  }

  public static ApiError methodNotAllowed() {
    return new ApiError(405, "method_not_allowed", "Method Not Allowed");
  }

  /** What a refusal by AMQP is here. */
  public static ApiError of(AmqpError refused) {
    return switch (refused.code()) {
      case ACCESS_REFUSED, NOT_ALLOWED -> notAuthorised("Access refused.");
      case NOT_FOUND -> new ApiError(404, "not_found", refused.explanation());
      default -> badRequest(refused.explanation());
    };
  }
}
