package org.warrenmq.broker.amqp;

import java.security.SecureRandom;
import java.util.Base64;

/** Names that the server makes: a prefix and 16 random bytes in base64url, as RabbitMQ's are. */
final class ServerNames {
  private static final SecureRandom RANDOM = new SecureRandom();

  /** What the names of queues begin with. */
  static final String QUEUES = "amq.gen-";

  private ServerNames() {}

  static String queue() {
    return QUEUES + token();
  }

  static String consumerTag() {
    return "amq.ctag-" + token();
  }

  /** 22 characters nobody can guess. */
  static String token() {
    byte[] bytes = new byte[16];
    RANDOM.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
