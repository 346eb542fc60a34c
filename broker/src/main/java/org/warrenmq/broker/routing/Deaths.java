package org.warrenmq.broker.routing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.Content;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldTableCodec;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.codec.HeaderEntries;
import org.warrenmq.codec.PropertyEdit;
import org.warrenmq.codec.PropertyView;
import org.warrenmq.codec.WireString;
import org.warrenmq.engine.message.HeaderMarks;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.MessageTraits;
import org.warrenmq.store.SettleReason;

/**
 * What a message is when it has died in a queue: RabbitMQ 4's dead letters. Stateless, any thread.
 *
 * <p>Headers that are not about deaths stay as they came, undecoded, and those about deaths follow
 * in the order of their names. What a client has sent under these names goes: only what the broker
 * has written itself, which {@link HeaderMarks} tell, is counted on.
 *
 * <p>What a message can collect has bounds: the keys of one death ({@link #MAX_KEYS}), and all its
 * deaths ({@link #MAX_HISTORY}).
 */
public final class Deaths {
  /** Octets of routing keys that a death remembers; a message may be given a frame full of them. */
  static final int MAX_KEYS = 4 * 1024;

  /** Octets of headers about deaths: a frame of the usual limit. */
  static final int MAX_HISTORY = 128 * 1024;

  private static final String DEATHS = "x-death";
  private static final String FIRST_EXCHANGE = "x-first-death-exchange";
  private static final String FIRST_QUEUE = "x-first-death-queue";
  private static final String FIRST_REASON = "x-first-death-reason";
  private static final String LAST_EXCHANGE = "x-last-death-exchange";
  private static final String LAST_QUEUE = "x-last-death-queue";
  private static final String LAST_REASON = "x-last-death-reason";
  private static final String OPEN_COPIES = "CC";
  private static final String BLIND_COPIES = "BCC";

  /** Room for one death, about. */
  private static final int ONE_DEATH = 512;

  private Deaths() {}

  /**
   * The dead letter of a message.
   *
   * @param reason why it left the queue; one for which messages die
   * @param millis the time, since the epoch
   * @param exchange the dead letter exchange
   * @param newKey the routing key it gets; null if it keeps its own and all others
   * @return null if it cannot go on: it has more deaths behind it than headers can hold, or the key
   *     is longer than any that a client could be told
   */
  public static @Nullable DeadLetter of(
      Message message,
      String queue,
      SettleReason reason,
      long millis,
      String exchange,
      @Nullable String newKey) {
    if (newKey != null && WireString.encodedLength(newKey) > WireString.MAX_SHORT) {
      return null;
    }
    byte[] properties = message.content().properties();
    HeaderMarks marks = message.traits().marks();
    boolean keepsBlind = marks.blind() && newKey == null;
    ByteBuf headers = Unpooled.buffer(properties.length + ONE_DEATH);
    headers.writeInt(0);
    Known known = Known.copyOthers(properties, marks, keepsBlind, headers);
    String why = name(reason);
    List<Death> deaths = with(known, message, queue, why, millis / 1000);
    int start = headers.writerIndex();
    FieldTableCodec.writeEntries(headers, history(known, deaths, message.exchange(), queue, why));
    if (headers.writerIndex() - start > MAX_HISTORY) {
      return null;
    }
    headers.setInt(0, headers.writerIndex() - Integer.BYTES);
    byte[] edited = PropertyEdit.withHeaders(PropertyEdit.withoutExpiration(properties), headers);
    HeaderMarks then = new HeaderMarks(true, marks.rekeyed() || newKey != null, keepsBlind);
    return new DeadLetter(
        new Message(
            exchange,
            newKey == null ? message.routingKey() : newKey,
            new Content(edited, message.content().body()),
            traits(message, then)),
        newKey == null ? known.furtherKeys() : List.of(),
        deaths);
  }

  /** It has no time to live any more, and keeps the rest. */
  private static MessageTraits traits(Message message, HeaderMarks marks) {
    int priority = message.content().view().priority();
    return new MessageTraits(message.persistent(), marks, MessageTraits.NO_TTL, priority);
  }

  private static String name(SettleReason reason) {
    return switch (reason) {
      case REJECTED -> Death.REJECTED;
      case EXPIRED -> "expired";
      case DROPPED -> "maxlen";
      case DELIVERY_LIMIT -> "delivery_limit";
      case ACKED, TAKEN -> throw new IllegalArgumentException("nothing dies by " + reason);
    };
  }

  private static List<Death> with(
      Known known, Message message, String queue, String reason, long seconds) {
    List<Death> deaths = new ArrayList<>(known.deaths.size() + 1);
    Death newest = null;
    for (Death death : known.deaths) {
      if (newest == null && death.isAt(queue, reason)) {
        newest = death.again();
      } else {
        deaths.add(death);
      }
    }
    if (newest == null) {
      newest =
          new Death(
              queue,
              reason,
              1,
              seconds,
              message.exchange(),
              known.shownKeys(message.routingKey()),
              number(new PropertyView(message.content().properties()).expiration()));
    }
    deaths.addFirst(newest);
    return deaths;
  }

  /** A number as RabbitMQ repeats it: a publish may write it with a plus and zeros before it. */
  private static @Nullable String number(@Nullable String digits) {
    if (digits == null) {
      return null;
    }
    int from = digits.startsWith("+") ? 1 : 0;
    while (from < digits.length() - 1 && digits.charAt(from) == '0') {
      from++;
    }
    return digits.substring(from);
  }

  /** All headers about deaths. */
  private static FieldTable history(
      Known known, List<Death> deaths, String exchange, String queue, String reason) {
    List<FieldValue> entries = new ArrayList<>(deaths.size());
    for (Death death : deaths) {
      entries.add(death.toField());
    }
    FieldValue lastExchange = FieldValue.of(exchange);
    FieldValue lastQueue = FieldValue.of(queue);
    FieldValue lastReason = FieldValue.of(reason);
    return FieldTable.builder()
        .put(DEATHS, new FieldValue.ArrayValue(entries))
        .put(FIRST_EXCHANGE, known.firstExchange == null ? lastExchange : known.firstExchange)
        .put(FIRST_QUEUE, known.firstQueue == null ? lastQueue : known.firstQueue)
        .put(FIRST_REASON, known.firstReason == null ? lastReason : known.firstReason)
        .put(LAST_EXCHANGE, lastExchange)
        .put(LAST_QUEUE, lastQueue)
        .put(LAST_REASON, lastReason)
        .build();
  }

  /** What a message's headers say that matters here; null or empty where nothing is to be heard. */
  private static final class Known {
    private List<Death> deaths = List.of();
    private @Nullable FieldValue firstExchange;
    private @Nullable FieldValue firstQueue;
    private @Nullable FieldValue firstReason;
    private List<String> openKeys = List.of();
    private List<String> blindKeys = List.of();

    /** Reads what matters, and writes what stays. */
    static Known copyOthers(
        byte[] properties, HeaderMarks marks, boolean keepsBlind, ByteBuf others) {
      Known known = new Known();
      HeaderEntries entries = new HeaderEntries(properties);
      while (entries.advance()) {
        if (entries.isNamed(BLIND_COPIES)) {
          if (marks.blind()) {
            known.blindKeys = Death.texts(entries.value());
          }
          if (keepsBlind) {
            entries.copyTo(others);
          }
        } else if (!known.readDeath(entries, marks.died())) {
          if (!marks.rekeyed() && entries.isNamed(OPEN_COPIES)) {
            known.openKeys = Death.texts(entries.value());
          }
          entries.copyTo(others);
        }
      }
      return known;
    }

    /**
     * Reads a header about deaths.
     *
     * @param ours whether the broker has written it
     * @return whether it is one
     */
    private boolean readDeath(HeaderEntries entries, boolean ours) {
      if (entries.isNamed(DEATHS)) {
        deaths = ours ? Death.list(entries.value()) : List.of();
      } else if (entries.isNamed(FIRST_EXCHANGE)) {
        firstExchange = ours ? entries.value() : null;
      } else if (entries.isNamed(FIRST_QUEUE)) {
        firstQueue = ours ? entries.value() : null;
      } else if (entries.isNamed(FIRST_REASON)) {
        firstReason = ours ? entries.value() : null;
      } else {
        return entries.isNamed(LAST_EXCHANGE)
            || entries.isNamed(LAST_QUEUE)
            || entries.isNamed(LAST_REASON);
      }
      return true;
    }

    List<String> furtherKeys() {
      List<String> keys = new ArrayList<>(openKeys);
      keys.addAll(blindKeys);
      return keys;
    }

    /** The keys that a death shows, as far as there is room: all but those of BCC. */
    List<String> shownKeys(String routingKey) {
      List<String> shown = new ArrayList<>();
      int size = 0;
      shown.add(routingKey);
      for (String key : openKeys) {
        size += key.length();
        if (size > MAX_KEYS) {
          break;
        }
        shown.add(key);
      }
      return shown;
    }
  }
}
