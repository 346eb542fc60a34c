package org.warrenmq.conformance.crash;

import com.rabbitmq.client.Channel;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * A durable queue with limits; immutable.
 *
 * @param most ready messages it may have; 0 for any number
 * @param rejects whether it refuses what does not fit, rather than dropping the oldest
 * @param ttl milliseconds that its messages are ready; 0 for ever
 * @param holds deliveries that are outstanding at most, which its length does not count
 */
record Limits(String queue, int most, boolean rejects, int ttl, int holds) {

  static Limits rejecting(String queue, int most, int holds) {
    return new Limits(queue, most, true, 0, holds);
  }

  static Limits dropping(String queue, int most, int holds) {
    return new Limits(queue, most, false, 0, holds);
  }

  static Limits expiring(String queue, int ttl, int holds) {
    return new Limits(queue, 0, false, ttl, holds);
  }

  Limits rejectingBeyond(int length) {
    return new Limits(queue, length, true, ttl, holds);
  }

  boolean drops() {
    return most > 0 && !rejects;
  }

  boolean expires() {
    return ttl > 0;
  }

  /** How many it may hold after a restart, which makes what was outstanding ready. */
  int mostAfterRestart() {
    if (most == 0) {
      return Integer.MAX_VALUE;
    }
    // What was confirmed is never given up for the limit of a queue that refuses.
    return rejects ? most + holds : most;
  }

  /** Declares it; if it is there, it must be as it was declared first. */
  void declare(Channel channel) throws IOException {
    Map<String, Object> arguments = new HashMap<>();
    if (most > 0) {
      arguments.put("x-max-length", most);
      arguments.put("x-overflow", rejects ? "reject-publish" : "drop-head");
    }
    if (ttl > 0) {
      arguments.put("x-message-ttl", ttl);
    }
    channel.queueDeclare(queue, true, false, false, arguments);
  }
}
