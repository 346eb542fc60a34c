package org.warrenmq.broker.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * All that was given, held against the table: of one key the last value holds. Says what is wrong,
 * and what has no effect. Immutable, any thread.
 */
public final class Configuration {
  private static final Pattern NUMBER = Pattern.compile("[1-9]\\d{0,8}");
  private static final Pattern SECRET = Pattern.compile("pass|secret|token|cookie|credential");

  /** 2 is before 10. */
  static final Comparator<String> NUMBERS_AS_SUCH =
      Comparator.comparing((String name) -> NUMBER.matcher(name).matches() ? name.length() : 0)
          .thenComparing(Comparator.naturalOrder());

  /** So much of a wrong value is repeated. */
  private static final int SHOWN = 100;

  /** A value that holds, with its row. */
  public record Value(Setting<?> setting, Given given) {
    /** The value as everybody may see it. */
    public String shown() {
      return setting.shown(given.value());
    }
  }

  private final SequencedMap<String, Value> values = new LinkedHashMap<>();
  private final List<String> problems = new ArrayList<>();

  /**
   * @param all in their order
   */
  public Configuration(List<Given> all) {
    if (all.isEmpty()) {
      return;
    }
    KnownKeys known = new KnownKeys();
    for (Given given : all) {
      Setting<?> setting = known.find(given.key());
      if (setting == null) {
        problems.add(unknown(given, known.nearest(given.key())));
      } else if (setting.type().parse(given.value()) == null) {
        problems.add(wrong(given, setting));
      } else {
        values.putLast(given.key(), new Value(setting, given));
      }
    }
  }

  private static String unknown(Given given, Setting<?> nearest) {
    // A slip in a password's key is no reason to show it.
    boolean secret =
        nearest.type().isSecret() || SECRET.matcher(given.key().toLowerCase(Locale.ROOT)).find();
    return "%s: %s = %s: there is no such key; the nearest is %s"
        .formatted(
            given.place(), cut(given.key()), secret ? "…" : cut(given.value()), nearest.key());
  }

  private static String wrong(Given given, Setting<?> setting) {
    return "%s: %s = %s: expected %s"
        .formatted(
            given.place(),
            cut(given.key()),
            cut(setting.shown(given.value())),
            setting.type().expected());
  }

  private static String cut(String text) {
    String line = text.replaceAll("\\p{Cntrl}", "?");
    return line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "…";
  }

  /** What is wrong, a sentence each. */
  public List<String> problems() {
    return List.copyOf(problems);
  }

  /** What holds, in the order of its keys. */
  public List<Value> values() {
    return List.copyOf(new TreeMap<>(values).values());
  }

  /**
   * A line of what holds.
   *
   * @param value nobody's password
   * @param place where it comes from
   */
  public record Shown(String key, String value, String place) {}

  /** All that holds, defaults too, in the order of keys. */
  public List<Shown> show() {
    SequencedMap<String, Shown> shown = new TreeMap<>();
    for (Setting<?> setting : Settings.TABLE) {
      if (setting.effect() instanceof Setting.Read read
          && !read.byDefault().isEmpty()
          && !setting.key().contains("$")) {
        shown.put(
            setting.key(), new Shown(setting.key(), setting.shown(read.byDefault()), "by default"));
      }
    }
    for (Value value : values.values()) {
      String place = value.given().place();
      boolean inVain = value.setting().effect() instanceof Setting.WithoutEffect;
      shown.put(
          value.given().key(),
          new Shown(
              value.given().key(), value.shown(), inVain ? place + ", without effect" : place));
    }
    return List.copyOf(shown.values());
  }

  /** Whether a running broker takes another value of a key. */
  public boolean isReloadable(String key) {
    Setting<?> setting = new KnownKeys().find(key);
    return setting != null && setting.isReloadable();
  }

  /** What was given in vain, a sentence for each reason. */
  public List<String> withoutEffect() {
    Map<String, List<String>> byReason = new TreeMap<>();
    for (Value value : values()) {
      if (value.setting().effect() instanceof Setting.WithoutEffect(String why)) {
        byReason.computeIfAbsent(why, _ -> new ArrayList<>()).add(value.given().toString());
      }
    }
    return byReason.entrySet().stream()
        .map(
            entry ->
                "without effect, " + entry.getKey() + ": " + String.join(", ", entry.getValue()))
        .toList();
  }

  /** The keys that hold another value here than there. */
  public List<String> differences(Configuration other) {
    TreeSet<String> keys = new TreeSet<>(values.keySet());
    keys.addAll(other.values.keySet());
    keys.removeIf(key -> Objects.equals(valueOf(key), other.valueOf(key)));
    return List.copyOf(keys);
  }

  private @Nullable String valueOf(String key) {
    Value value = values.get(key);
    return value == null ? null : value.given().value();
  }

  /** A setting's value, or null where it was not given. */
  <T> @Nullable T get(Setting<T> setting) {
    Value value = values.get(setting.key());
    return value == null ? null : setting.type().parse(value.given().value());
  }

  <T> T get(Setting<T> setting, T otherwise) {
    T value = get(setting);
    return value == null ? otherwise : value;
  }

  /** Whether a key with an effect was given that begins so. */
  boolean has(String beginning) {
    return values.values().stream()
        .anyMatch(
            value ->
                value.given().key().startsWith(beginning)
                    && value.setting().effect() instanceof Setting.Read);
  }

  /** The values of a row with a variable part, by what stands there, in the order of that. */
  <T> SequencedMap<String, T> all(Setting<T> setting) {
    SequencedMap<String, T> all = new TreeMap<>(NUMBERS_AS_SUCH);
    int variable = KnownKeys.variable(setting.key());
    for (Value value : values.values()) {
      T parsed =
          value.setting().equals(setting) ? setting.type().parse(value.given().value()) : null;
      if (parsed != null) {
        all.put(KnownKeys.parts(value.given().key()).get(variable), parsed);
      }
    }
    return all;
  }

  /** Where a key's value comes from. */
  String place(Setting<?> setting) {
    return values.values().stream()
        .filter(value -> value.setting().equals(setting))
        .map(value -> value.given().place())
        .findFirst()
        .orElse("by default");
  }
}
