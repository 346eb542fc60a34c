package org.warrenmq.broker.amqp;

import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.Message;

/**
 * Where replies of direct reply-to go: from the token in a reply-to name to the channel that
 * consumes it. No queue is involved; a reply to nobody vanishes, unless it is mandatory. Any
 * thread.
 */
public final class ReplyRoutes {
  /** What a client consumes from, and names in reply-to. */
  static final String NAME = "amq.rabbitmq.reply-to";

  private static final String PREFIX = NAME + ".";

  private final ConcurrentHashMap<String, Recipient> byName = new ConcurrentHashMap<>();

  /** Who consumes replies. */
  interface Recipient {
    /** What requesters' reply-to becomes. */
    String name();

    /** Sends a reply on its way, from a room on the given loop. */
    void send(RoomLoop from, Message message);
  }

  /** Whether a queue name or routing key stands for a reply consumer, dead or alive. */
  static boolean covers(String name) {
    return name.startsWith(PREFIX);
  }

  /** Makes a name nobody can guess for a new reply consumer. */
  static String newName() {
    return PREFIX + ServerNames.token();
  }

  void add(Recipient consumer) {
    byName.put(consumer.name(), consumer);
  }

  void remove(Recipient consumer) {
    byName.remove(consumer.name(), consumer);
  }

  @Nullable Recipient find(String name) {
    return byName.get(name);
  }
}
