package org.warrenmq.broker.amqp;

import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.FieldTable;

/**
 * What is kept of what a client said of itself in connection.start-ok: what it can take, and a few
 * bounded texts that tell people who it is. Its table is not: a stranger may put a thousand entries
 * into it before anybody knows him. Immutable.
 *
 * @param wantsCancelNotifications it wants basic.cancel when a queue goes away under its consumer
 * @param wantsAuthenticationFailureClose it wants connection.close rather than a dropped socket
 *     when its login is refused
 * @param wantsBlockedNotifications it wants connection.blocked and connection.unblocked
 * @param connectionName the name the application gave the connection, or null
 * @param product the client library, or null
 * @param version of the library, or null
 * @param platform what the library runs on, or null
 */
record Client(
    boolean wantsCancelNotifications,
    boolean wantsAuthenticationFailureClose,
    boolean wantsBlockedNotifications,
    @Nullable String connectionName,
    @Nullable String product,
    @Nullable String version,
    @Nullable String platform) {
  static final Client UNKNOWN = of(FieldTable.EMPTY);

  /** Longest text kept, in characters. */
  static final int MAX_TEXT = 255;

  /** Takes from the properties what is kept. */
  static Client of(FieldTable properties) {
    FieldTable stated = properties.getTable("capabilities");
    FieldTable capabilities = stated == null ? FieldTable.EMPTY : stated;
    return new Client(
        capabilities.isTrue("consumer_cancel_notify"),
        capabilities.isTrue("authentication_failure_close"),
        capabilities.isTrue("connection.blocked"),
        text(properties, "connection_name"),
        text(properties, "product"),
        text(properties, "version"),
        text(properties, "platform"));
  }

  /** What is kept of it, in the form in which it came. */
  FieldTable properties() {
    FieldTable.Builder capabilities =
        FieldTable.builder()
            .put("consumer_cancel_notify", wantsCancelNotifications)
            .put("authentication_failure_close", wantsAuthenticationFailureClose)
            .put("connection.blocked", wantsBlockedNotifications);
    FieldTable.Builder properties = FieldTable.builder().put("capabilities", capabilities.build());
    put(properties, "connection_name", connectionName);
    put(properties, "product", product);
    put(properties, "version", version);
    put(properties, "platform", platform);
    return properties.build();
  }

  private static void put(FieldTable.Builder properties, String name, @Nullable String text) {
    if (text != null) {
      properties.put(name, text);
    }
  }

  private static @Nullable String text(FieldTable properties, String name) {
    String text = properties.getString(name);
    if (text == null || text.length() <= MAX_TEXT) {
      return text;
    }
    // Not between the halves of a character.
    boolean split = Character.isHighSurrogate(text.charAt(MAX_TEXT - 1));
    return text.substring(0, split ? MAX_TEXT - 1 : MAX_TEXT);
  }
}
