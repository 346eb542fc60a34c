package org.warrenmq.broker.amqp;

import static org.warrenmq.codec.ReplyCode.PRECONDITION_FAILED;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.auth.User;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.Content;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.codec.PropertyEdit;
import org.warrenmq.codec.PropertyInterner;
import org.warrenmq.codec.PropertyView;
import org.warrenmq.engine.message.HeaderMarks;
import org.warrenmq.engine.message.MessageTraits;
import org.warrenmq.router.MessageProperties;

/**
 * What the properties of a publish mean to the broker, read once. Messages of one kind mostly carry
 * the same property bytes, so a channel keeps the last of these and asks {@link #isFor}. Immutable.
 */
final class PublishedProperties {
  /** The BCC header stays, as dead letters go by it, too; clients do not see it. */
  private static final HeaderMarks BLIND = new HeaderMarks(false, false, true);

  private final byte[] source;
  private final @Nullable ReplyConsumer replies;
  private final PropertyView view;
  private final MessageProperties asked;
  private final MessageTraits traits;
  private final List<String> furtherKeys;
  private final byte[] delivered;

  private PublishedProperties(
      byte[] source,
      @Nullable ReplyConsumer replies,
      PropertyView view,
      HeaderMarks marks,
      List<String> furtherKeys,
      byte[] delivered) {
    this.source = source;
    this.replies = replies;
    this.view = view;
    this.asked = MessageProperties.of(view);
    this.traits = MessageTraits.of(view, marks);
    this.furtherKeys = furtherKeys;
    this.delivered = delivered;
  }

  /**
   * Reads and checks.
   *
   * @param user who publishes
   * @param replies the channel's consumer of direct replies, which a reply-to may stand for
   * @throws ChannelError for an expiration that is no number, a user-id that is not the user, CC or
   *     BCC that are no arrays, a direct reply-to without a consumer
   */
  static PublishedProperties of(byte[] properties, User user, @Nullable ReplyConsumer replies) {
    PropertyView view = new PropertyView(properties);
    byte[] delivered = properties;
    if (ReplyRoutes.NAME.equals(view.replyTo())) {
      if (replies == null) {
        throw new ChannelError(PRECONDITION_FAILED, "fast reply consumer does not exist");
      }
      delivered = PropertyEdit.withReplyTo(delivered, replies.name());
    }
    checkExpiration(view.expiration());
    checkUser(view.userId(), user);
    FieldTable headers = view.headers();
    List<String> keys = List.of();
    HeaderMarks marks = HeaderMarks.NONE;
    if (headers != null && (headers.contains("CC") || headers.contains("BCC"))) {
      keys = new ArrayList<>();
      addKeys(headers, "CC", keys);
      addKeys(headers, "BCC", keys);
      if (headers.contains("BCC")) {
        marks = BLIND;
      }
    }
    return new PublishedProperties(properties, replies, view, marks, List.copyOf(keys), delivered);
  }

  /** Whether this was read from the very same bytes (which are shared between equal ones). */
  boolean isFor(byte[] properties, @Nullable ReplyConsumer replyConsumer) {
    return source == properties && replies == replyConsumer;
  }

  /** Whether they are so short that equal ones come as the very same bytes. */
  boolean mayReturn() {
    return PropertyInterner.mayBeShared(source);
  }

  /** What it takes in memory, headers and all, in bytes, about. */
  int cost() {
    return 128 + 16 * source.length;
  }

  /** What they mean to queues. */
  MessageTraits traits() {
    return traits;
  }

  /** Routing keys from CC and BCC. */
  List<String> furtherKeys() {
    return furtherKeys;
  }

  @Nullable FieldTable headers() {
    return view.headers();
  }

  /** What exchanges may ask of them. */
  MessageProperties asked() {
    return asked;
  }

  /** What queues get. */
  Content delivered(Content published) {
    return delivered == source ? published : new Content(delivered, published.body());
  }

  private static void addKeys(FieldTable headers, String name, List<String> keys) {
    switch (headers.get(name)) {
      case null -> {}
      case FieldValue.ArrayValue(List<FieldValue> values) -> {
        for (FieldValue value : values) {
          if (value instanceof FieldValue.LongString(String key)) {
            keys.add(key);
          }
        }
      }
      case FieldValue other ->
          throw new ChannelError(
              PRECONDITION_FAILED,
              "invalid message: {unacceptable_type_in_header,\"%s\",%s}"
                  .formatted(name, other.typeName()));
    }
  }

  private static void checkUser(@Nullable String userId, User user) {
    if (userId != null && !userId.equals(user.name()) && !user.mayImpersonate()) {
      throw new ChannelError(
          PRECONDITION_FAILED,
          "user_id property set to '%s' but authenticated user was '%s'"
              .formatted(userId, user.name()));
    }
  }

  /** Milliseconds as an unsigned decimal number; the words are those of Erlang's parser. */
  private static void checkExpiration(@Nullable String expiration) {
    if (expiration == null) {
      return;
    }
    int digits = expiration.startsWith("-") || expiration.startsWith("+") ? 1 : 0;
    int end = digits;
    while (end < expiration.length() && Character.digit(expiration.charAt(end), 10) >= 0) {
      end++;
    }
    String fault = null;
    if (end == digits) {
      fault = "no_integer";
    } else if (end < expiration.length()) {
      fault = "{leftover_string,\"" + expiration.substring(end) + "\"}";
    } else if (expiration.startsWith("-")) {
      fault = "{value_negative," + expiration + "}";
    }
    if (fault != null) {
      throw new ChannelError(
          PRECONDITION_FAILED, "invalid expiration '" + expiration + "': " + fault);
    }
  }
}
