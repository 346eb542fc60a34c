package org.warrenmq.broker.config;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All keys that a configuration may have: {@link Settings}, and those of RabbitMQ's schema that
 * have no effect here, from the file {@code without-effect.txt} beside this class. Finds the one
 * that is meant. Made for one reading; immutable.
 */
final class KnownKeys {
  /** Longer ones are compared by their beginning. */
  private static final int COMPARED = 120;

  private final Map<String, Setting<?>> byKey = new HashMap<>();
  private final List<Pattern> patterns = new ArrayList<>();
  private final List<Setting<?>> withoutEffect = new ArrayList<>();

  /** A key with variable parts. */
  private record Pattern(List<String> parts, Setting<?> setting) {
    boolean matches(List<String> key) {
      if (key.size() != parts.size()) {
        return false;
      }
      for (int i = 0; i < parts.size(); i++) {
        if (!isVariable(parts.get(i)) && !parts.get(i).equals(key.get(i))) {
          return false;
        }
      }
      return true;
    }
  }

  KnownKeys() {
    Settings.TABLE.forEach(this::add);
    read();
  }

  /** Those without effect, in the order of their file. */
  List<Setting<?>> withoutEffect() {
    return List.copyOf(withoutEffect);
  }

  private void read() {
    try (InputStream file =
            Objects.requireNonNull(KnownKeys.class.getResourceAsStream("without-effect.txt"));
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(file, StandardCharsets.UTF_8))) {
      String why = "";
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("[")) {
          why = line.substring(1, line.length() - 1);
        } else if (!line.isEmpty() && !line.startsWith("#")) {
          String[] row = line.split(" = ", 2);
          Setting<?> setting =
              new Setting<>(row[0], ValueType.Any.of(row[1]), new Setting.WithoutEffect(why));
          add(setting);
          withoutEffect.add(setting);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void add(Setting<?> setting) {
    List<String> parts = parts(setting.key());
    if (parts.stream().anyMatch(KnownKeys::isVariable)) {
      patterns.add(new Pattern(parts, setting));
    } else {
      byKey.put(setting.key(), setting);
    }
  }

  private static boolean isVariable(String part) {
    return part.startsWith("$");
  }

  /** A key's parts; a dot behind a backslash does not end one. */
  static List<String> parts(String key) {
    return Stream.of(key.split("(?<!\\\\)\\.", -1)).map(part -> part.replace("\\.", ".")).toList();
  }

  /** Which of a row's parts is the variable one; of several, the first. */
  static int variable(String key) {
    List<String> parts = parts(key);
    for (int i = 0; i < parts.size(); i++) {
      if (isVariable(parts.get(i))) {
        return i;
      }
    }
    throw new IllegalArgumentException(key + " has no variable part");
  }

  /** The row of a key, or null when there is none. */
  @Nullable Setting<?> find(String key) {
    Setting<?> exact = byKey.get(key);
    if (exact != null) {
      return exact;
    }
    List<String> parts = parts(key);
    if (parts.contains("")) {
      return null;
    }
    for (Pattern pattern : patterns) {
      if (pattern.matches(parts)) {
        return pattern.setting();
      }
    }
    return null;
  }

  /**
   * The row whose key takes the fewest strokes to get to; what has an effect before what has not.
   */
  Setting<?> nearest(String key) {
    String given = key.substring(0, Math.min(key.length(), COMPARED));
    List<String> parts = parts(given);
    return Stream.concat(Settings.TABLE.stream(), withoutEffect.stream())
        .min(Comparator.comparingInt(setting -> strokes(given, likeIt(setting.key(), parts))))
        .orElseThrow();
  }

  /** A key with what was given in the place of its variable parts. */
  private static String likeIt(String key, List<String> given) {
    List<String> parts = new ArrayList<>(parts(key));
    for (int i = 0; i < Math.min(parts.size(), given.size()); i++) {
      if (isVariable(parts.get(i)) && !given.get(i).isEmpty()) {
        parts.set(i, given.get(i));
      }
    }
    return String.join(".", parts);
  }

  /** Levenshtein's distance. */
  private static int strokes(String from, String to) {
    int[] above = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      above[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = above[0];
      above[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int changed = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = above[j];
        above[j] = Math.min(changed, Math.min(above[j], above[j - 1]) + 1);
      }
    }
    return above[to.length()];
  }
}
