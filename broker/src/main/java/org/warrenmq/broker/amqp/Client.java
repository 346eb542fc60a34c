package org.warrenmq.broker.amqp;

import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldTable;

/** What a client said of itself in connection.start-ok. Immutable. */
record Client(FieldTable properties) {
  static final Client UNKNOWN = new Client(FieldTable.EMPTY);

  /** It wants basic.cancel when a queue goes away under its consumer. */
  boolean wantsCancelNotifications() {
    return can("consumer_cancel_notify");
  }

  /** It wants connection.close rather than a dropped socket when its login is refused. */
  boolean wantsAuthenticationFailureClose() {
    return can("authentication_failure_close");
  }

  /** It wants connection.blocked and connection.unblocked. */
  boolean wantsBlockedNotifications() {
    return can("connection.blocked");
  }

  private boolean can(String capability) {
    FieldTable capabilities = properties.getTable("capabilities");
    return capabilities != null && capabilities.isTrue(capability);
  }

  /** The name the application gave the connection, or null. */
  @Nullable String connectionName() {
    return properties.getString("connection_name");
  }
}
