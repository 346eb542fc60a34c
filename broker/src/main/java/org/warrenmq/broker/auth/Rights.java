package org.warrenmq.broker.auth;

/** What somebody may do in one virtual host, known here and now. Immutable, any thread. */
public interface Rights {
  /** Whether something may be done with the queue or the exchange of that name. */
  boolean allow(Operation operation, String name);

  /** Whether something may be done with a routing key at a topic exchange. */
  boolean allowTopic(Operation operation, String exchange, String key);

  /** Whether routing keys matter at all. */
  boolean limitTopics();
}
