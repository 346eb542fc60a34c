package org.warrenmq.broker.topology;

import static org.warrenmq.codec.ReplyCode.PRECONDITION_FAILED;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.engine.exchange.HistoryRule;
import org.warrenmq.engine.queue.DuplicateRule;
import org.warrenmq.router.ExchangeSpec;
import org.warrenmq.router.MessageProperties;

/**
 * What the arguments of exchanges with state mean, in the words of the plugins that they come from.
 * Stateless, any thread.
 */
final class ExchangeStateRules {
  static final String CACHE_SIZE = "x-cache-size";
  static final String CACHE_TTL = "x-cache-ttl";
  static final String CACHE_PERSISTENCE = "x-cache-persistence";

  /** Names the header with the key; also the name of that header if nothing is said. */
  static final String DEDUPLICATION_HEADER = "x-deduplication-header";

  static final int DEFAULT_CACHE_SIZE = 128;

  /** So many keys take a quarter of a gigabyte. */
  static final int MOST_CACHED = 1_000_000;

  /** The arguments of an exchange that drops duplicates, which a redeclaration compares. */
  static final List<String> OF_DEDUPLICATION =
      List.of(CACHE_SIZE, CACHE_TTL, CACHE_PERSISTENCE, DEDUPLICATION_HEADER);

  private static final String HISTORY_LENGTH = "x-recent-history-length";
  private static final String NO_STORE = "x-recent-history-no-store";
  private static final int DEFAULT_HISTORY = 20;
  private static final long HISTORY_BYTES = 16 << 20;
  private static final int MOST_DIGITS = 18;

  private ExchangeStateRules() {}

  /**
   * @throws ChannelError when an argument of its state is not what it may be
   */
  static void check(ExchangeSpec spec) {
    if (spec.isDeduplicating()) {
      duplicates(spec);
    }
    if (spec.isRemembering()) {
      history(spec);
    }
  }

  /** How an exchange knows duplicates that drops them. */
  static DuplicateRule duplicates(ExchangeSpec spec) {
    FieldTable arguments = spec.arguments();
    String header = spec.text(DEDUPLICATION_HEADER);
    if (header != null && header.isEmpty()) {
      throw refused("Invalid argument, 'x-deduplication-header' must not be empty");
    }
    long size =
        positive(
            arguments.get(CACHE_SIZE),
            DEFAULT_CACHE_SIZE,
            "Missing or invalid argument, 'x-cache-size' must be an integer greater than 0");
    if (size > MOST_CACHED) {
      throw refused("Invalid argument, 'x-cache-size' must not be greater than " + MOST_CACHED);
    }
    long ttl =
        positive(
            arguments.get(CACHE_TTL),
            DuplicateRule.FOR_EVER,
            "Invalid argument, 'x-cache-ttl' must be an integer greater than 0");
    boolean onDisk =
        switch (arguments.get(CACHE_PERSISTENCE)) {
          case null -> true;
          case FieldValue.LongString(String text) when text.equals("disk") -> true;
          case FieldValue.LongString(String text) when text.equals("memory") -> false;
          default ->
              throw refused(
                  "Invalid argument, 'x-cache-persistence' must be either 'disk' or 'memory'");
        };
    return new DuplicateRule(
        header == null ? DEDUPLICATION_HEADER : header, (int) size, ttl, onDisk);
  }

  /** What an exchange remembers that does so. */
  static HistoryRule history(ExchangeSpec spec) {
    FieldValue length = spec.arguments().get(HISTORY_LENGTH);
    if (length == null) {
      return new HistoryRule(DEFAULT_HISTORY, HISTORY_BYTES);
    }
    if (!length.isInteger() || length.asLong() < 1) {
      throw refused(
          "Invalid argument %s, 'x-recent-history-length' must be a positive integer"
              .formatted(length.display()));
    }
    return new HistoryRule((int) Math.min(length.asLong(), Integer.MAX_VALUE), HISTORY_BYTES);
  }

  /** Whether a message is to be remembered. */
  static boolean isRemembered(MessageProperties properties) {
    FieldTable headers = properties.headers();
    return headers == null || !headers.isTrue(NO_STORE);
  }

  /** A number, which may come as text, too. */
  private static long positive(@Nullable FieldValue value, long otherwise, String fault) {
    if (value == null) {
      return otherwise;
    }
    long number =
        value instanceof FieldValue.LongString(String text)
            ? parsed(text)
            : value.isInteger() ? value.asLong() : 0;
    if (number < 1) {
      throw refused(fault);
    }
    return number;
  }

  private static long parsed(String digits) {
    boolean isNumber =
        digits.length() <= MOST_DIGITS
            && !digits.isEmpty()
            && digits.chars().allMatch(c -> c >= '0' && c <= '9');
    return isNumber ? Long.parseLong(digits) : 0;
  }

  private static ChannelError refused(String text) {
    return new ChannelError(PRECONDITION_FAILED, text);
  }
}
