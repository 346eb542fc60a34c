package org.warrenmq.broker.config;

import java.math.BigDecimal;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the value of a key may be, and how it is written in rabbitmq.conf. Immutable, any thread.
 *
 * @param <T> what it is once it was read
 */
public sealed interface ValueType<T> {
  /** A port; 0 takes a free one. */
  Whole PORT = new Whole("", 0, 65535);

  /** The value, or null where the text is none. */
  @Nullable T parse(String text);

  /** What it may be, to be read behind "expected". */
  String expected();

  /** Whether nobody may see it. */
  default boolean isSecret() {
    return false;
  }

  /**
   * A whole number.
   *
   * @param unit what it counts; empty: nothing in particular
   */
  record Whole(String unit, long least, long most) implements ValueType<Long> {
    @Override
    public @Nullable Long parse(String text) {
      Long number = whole(text);
      return number != null && number >= least && number <= most ? number : null;
    }

    @Override
    public String expected() {
      String what = unit.isEmpty() ? "a whole number" : "a number of " + unit;
      return "%s, %d to %d".formatted(what, least, most);
    }
  }

  /** A whole number, or a word for one. */
  record WholeOr(String word, long meaning, Whole number) implements ValueType<Long> {
    @Override
    public @Nullable Long parse(String text) {
      return text.equals(word) ? Long.valueOf(meaning) : number.parse(text);
    }

    @Override
    public String expected() {
      return number.expected() + ", or " + word;
    }
  }

  /** A number above 0. */
  record Share(int most) implements ValueType<Double> {
    private static final Pattern NUMBER = Pattern.compile("\\d{1,9}(\\.\\d{1,15})?");

    @Override
    public @Nullable Double parse(String text) {
      if (!NUMBER.matcher(text).matches()) {
        return null;
      }
      double share = Double.parseDouble(text);
      return share > 0 && share <= most ? share : null;
    }

    @Override
    public String expected() {
      return "a number above 0, at most " + most;
    }
  }

  /**
   * Bytes, or units of them; KiB, MiB, … are of 1024.
   *
   * @param kilo what kB, MB, … are of: RabbitMQ has 1000 for memory and disk, and 1024 for frames
   */
  record Size(long least, long most, int kilo) implements ValueType<Long> {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,15})\\s*([kKmMgGtT])?(i)?[bB]?");
    private static final String UNITS = " kmgt";

    @Override
    public @Nullable Long parse(String text) {
      Matcher size = SIZE.matcher(text);
      if (!size.matches()) {
        return null;
      }
      long base = size.group(3) == null ? kilo : 1024;
      String unit = size.group(2) == null ? " " : size.group(2).toLowerCase(Locale.ROOT);
      int power = UNITS.indexOf(unit.charAt(0));
      BigDecimal bytes =
          new BigDecimal(size.group(1)).multiply(BigDecimal.valueOf(base).pow(power));
      boolean fits =
          bytes.compareTo(BigDecimal.valueOf(least)) >= 0
              && bytes.compareTo(BigDecimal.valueOf(most)) <= 0;
      return fits ? bytes.longValueExact() : null;
    }

    @Override
    public String expected() {
      String range =
          most == Long.MAX_VALUE ? "" : ", %s to %s".formatted(shown(least), shown(most));
      return "a size such as 512MiB" + range;
    }

    private static String shown(long bytes) {
      for (int power = 4; power > 0 && bytes > 0; power--) {
        if (bytes % (1L << (10 * power)) == 0) {
          return (bytes >> (10 * power)) + " KMGT".substring(power, power + 1) + "iB";
        }
      }
      return String.valueOf(bytes);
    }
  }

  /** True or false. */
  record Flag() implements ValueType<Boolean> {
    @Override
    public @Nullable Boolean parse(String text) {
      return switch (text) {
        case "true" -> true;
        case "false" -> false;
        default -> null;
      };
    }

    @Override
    public String expected() {
      return "true or false";
    }
  }

  /** One of an enum's constants, in lower case. */
  record Choice<E extends Enum<E>>(List<E> constants) implements ValueType<E> {
    static <E extends Enum<E>> Choice<E> of(Class<E> type) {
      return new Choice<>(List.of(type.getEnumConstants()));
    }

    @Override
    public @Nullable E parse(String text) {
      for (E constant : constants) {
        if (name(constant).equals(text)) {
          return constant;
        }
      }
      return null;
    }

    @Override
    public String expected() {
      return constants.stream().map(Choice::name).collect(Collectors.joining(", ", "one of ", ""));
    }

    private static String name(Enum<?> constant) {
      return constant.name().toLowerCase(Locale.ROOT);
    }
  }

  /** Any text of so many characters. */
  record Text(int least, int most) implements ValueType<String> {
    @Override
    public @Nullable String parse(String text) {
      return text.length() >= least && text.length() <= most ? text : null;
    }

    @Override
    public String expected() {
      return "a text of %d to %d characters".formatted(least, most);
    }
  }

  /** A text that is shown to nobody. */
  record Secret() implements ValueType<String> {
    private static final int MOST = 4096;

    @Override
    public @Nullable String parse(String text) {
      return text.length() > MOST || text.startsWith("encrypted:") ? null : text;
    }

    @Override
    public String expected() {
      return "a text of up to %d characters that is not encrypted, or $(<FILE)".formatted(MOST);
    }

    @Override
    public boolean isSecret() {
      return true;
    }
  }

  /** A folder. */
  record Folder() implements ValueType<Path> {
    @Override
    public @Nullable Path parse(String text) {
      try {
        return text.isEmpty() ? null : Path.of(text);
      } catch (InvalidPathException e) {
        return null;
      }
    }

    @Override
    public String expected() {
      return "a folder";
    }
  }

  /** A file. */
  record File() implements ValueType<Path> {
    @Override
    public @Nullable Path parse(String text) {
      return new Folder().parse(text);
    }

    @Override
    public String expected() {
      return "a file";
    }
  }

  /** The address of something by HTTP. */
  record Url() implements ValueType<URI> {
    @Override
    public @Nullable URI parse(String text) {
      try {
        URI uri = new URI(text);
        boolean isHttp = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
        return isHttp && uri.getHost() != null && uri.getQuery() == null ? uri : null;
      } catch (URISyntaxException e) {
        return null;
      }
    }

    @Override
    public String expected() {
      return "an http or https address without a query";
    }
  }

  /** Who says who may log in, by RabbitMQ's short words or the names of its modules. */
  record Backend() implements ValueType<BackendConfig.Kind> {
    @Override
    public BackendConfig.@Nullable Kind parse(String text) {
      return switch (text) {
        case "internal", "rabbit_auth_backend_internal" -> BackendConfig.Kind.INTERNAL;
        case "http", "rabbit_auth_backend_http" -> BackendConfig.Kind.HTTP;
        case "oauth2", "oauth", "uaa", "rabbit_auth_backend_oauth2" -> BackendConfig.Kind.OAUTH2;
        case "cache", "rabbit_auth_backend_cache" -> BackendConfig.Kind.CACHE;
        default -> null;
      };
    }

    @Override
    public String expected() {
      return "internal, http, oauth2 or cache (ldap is not there yet)";
    }
  }

  /** A port on all of IPv4, or an address and a port. */
  record Address() implements ValueType<BrokerConfig.Listener> {
    private static final Pattern HOST = Pattern.compile("[\\w.:%-]{1,255}");

    @Override
    public BrokerConfig.@Nullable Listener parse(String text) {
      int colon = text.lastIndexOf(':');
      Long port = PORT.parse(text.substring(colon + 1));
      String host = colon > 0 ? text.substring(0, colon).replaceAll("[\\[\\]]", "") : "0.0.0.0";
      return port == null || !HOST.matcher(host).matches()
          ? null
          : new BrokerConfig.Listener(host, port.intValue());
    }

    @Override
    public String expected() {
      return "a port, 0 to 65535, or address:port";
    }
  }

  /**
   * What RabbitMQ lets a key be that has no effect here: words, or a kind of value in angle
   * brackets.
   */
  record Any(List<String> alternatives) implements ValueType<String> {
    private static final Pattern WHOLE = Pattern.compile("[+-]?\\d{1,30}");
    private static final Pattern NUMBER = Pattern.compile("-?\\d{1,30}(\\.\\d{1,30})?");
    private static final Pattern DURATION =
        Pattern.compile("(\\d{1,18}(\\.\\d+)?(f|w|d|h|ms|m|s)?)+");
    private static final Size SIZE = new Size(0, Long.MAX_VALUE, 1000);
    private static final Address ADDRESS = new Address();

    /** Of alternatives with bars between them. */
    static Any of(String alternatives) {
      return new Any(Arrays.stream(alternatives.split("\\|", -1)).map(String::strip).toList());
    }

    @Override
    public @Nullable String parse(String text) {
      return alternatives.stream().anyMatch(one -> isOne(text, one)) ? text : null;
    }

    private static boolean isOne(String text, String alternative) {
      return switch (alternative) {
        case "<text>", "<secret>" -> true;
        case "<whole>" -> WHOLE.matcher(text).matches();
        case "<number>" -> NUMBER.matcher(text).matches();
        case "<size>" -> SIZE.parse(text) != null;
        case "<duration>" -> DURATION.matcher(text).matches();
        case "<address>" -> ADDRESS.parse(text) != null;
        default -> alternative.equals(text);
      };
    }

    @Override
    public String expected() {
      return alternatives.stream().map(Any::shown).collect(Collectors.joining(", "));
    }

    private static String shown(String alternative) {
      return switch (alternative) {
        case "<text>", "<secret>" -> "a text";
        case "<whole>" -> "a whole number";
        case "<number>" -> "a number";
        case "<size>" -> "a size such as 512MiB";
        case "<duration>" -> "a duration such as 30s";
        case "<address>" -> ADDRESS.expected();
        default -> alternative;
      };
    }

    @Override
    public boolean isSecret() {
      return alternatives.contains("<secret>");
    }
  }

  /** A time as RabbitMQ writes it, in milliseconds: {@code 90}, {@code 30s}, {@code 1h30m}. */
  record Time(long least, long most) implements ValueType<Long> {
    private static final Pattern PART = Pattern.compile("(\\d{1,15})(w|d|h|ms|m|s)?");
    private static final Map<String, Long> UNITS =
        Map.of(
            "ms",
            1L,
            "s",
            1000L,
            "m",
            60_000L,
            "h",
            3_600_000L,
            "d",
            86_400_000L,
            "w",
            604_800_000L);

    @Override
    public @Nullable Long parse(String text) {
      Matcher part = PART.matcher(text);
      long sum = 0;
      int end = 0;
      while (end < text.length() && part.find(end) && part.start() == end) {
        String unit = part.group(2) == null ? "ms" : part.group(2);
        long number = Long.parseLong(part.group(1));
        if (number > most) {
          return null;
        }
        sum += number * UNITS.getOrDefault(unit, 1L);
        end = part.end();
        if (sum > most) {
          return null;
        }
      }
      return end == text.length() && end > 0 && sum >= least ? sum : null;
    }

    @Override
    public String expected() {
      return "a time such as 30s or 1h, %d to %d milliseconds".formatted(least, most);
    }
  }

  private static @Nullable Long whole(String text) {
    try {
      return Long.valueOf(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
