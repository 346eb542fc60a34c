package org.warrenmq.admin.http;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The part of a list that a request asks for, in the order it asks for: pages, names, sorting and
 * columns as RabbitMQ has them. Made for one request; an element's JSON is made when it is needed,
 * and not kept, however long the list.
 */
public final class Listing<T> {
  private static final int DEFAULT_PAGE = 100;
  private static final int LARGEST_PAGE = 500;
  private static final int LONGEST_PATTERN = 1024;

  /** Names can be many and patterns slow. */
  private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(2);

  private final List<T> elements;
  private final Function<T, JsonObject> shown;
  private final @Nullable Page page;

  /**
   * A page of what is left of a list.
   *
   * @param all elements of the whole
   * @param filtered elements with the right name
   */
  private record Page(int number, int size, int all, int filtered) {}

  private record Keyed<T>(T element, @Nullable Object key) {}

  private Listing(List<T> elements, Function<T, JsonObject> shown, @Nullable Page page) {
    this.elements = elements;
    this.shown = shown;
    this.page = page;
  }

  /**
   * @param query parameters of the request
   * @param patterns makes a predicate of a regular expression
   * @throws ApiError when the parameters are wrong
   */
  public static <T> Listing<T> of(
      Reply.Items<T> items,
      Map<String, String> query,
      Function<String, Predicate<String>> patterns) {
    List<T> all = items.elements();
    if (!query.containsKey("page")) {
      List<T> sorted = sorted(all, items.shown(), query);
      return new Listing<>(sorted, columns(items.shown(), query), null);
    }
    Integer number = whole(query.get("page"));
    Integer size = query.containsKey("page_size") ? whole(query.get("page_size")) : DEFAULT_PAGE;
    if (number == null || size == null || number < 1 || size < 1 || size > LARGEST_PAGE) {
      throw new ApiError(
          400,
          "invalid_pagination_parameters",
          "Invalid pagination parameters: page number %s, page size %s"
              .formatted(query.get("page"), query.getOrDefault("page_size", "undefined")));
    }
    List<T> named = named(all, items.shown(), query, patterns);
    long first = (long) (number - 1) * size;
    if (first > named.size()) {
      throw new ApiError(
          400,
          "page_out_of_range",
          "Page out of range, page: %d page size: %d, len: %d"
              .formatted(number, size, named.size()));
    }
    List<T> sorted = sorted(named, items.shown(), query);
    List<T> part = sorted.subList((int) first, (int) Math.min(first + size, sorted.size()));
    return new Listing<>(
        part, columns(items.shown(), query), new Page(number, size, all.size(), named.size()));
  }

  private static @Nullable Integer whole(@Nullable String text) {
    try {
      return text == null ? null : Integer.valueOf(text.strip());
    } catch (NumberFormatException e) {
      return null;
    }
  }

  private static <T> List<T> named(
      List<T> all,
      Function<T, JsonObject> shown,
      Map<String, String> query,
      Function<String, Predicate<String>> patterns) {
    String name = query.getOrDefault("name", "");
    if (name.isEmpty()) {
      return all;
    }
    Predicate<String> wanted;
    if ("true".equals(query.get("use_regex"))) {
      if (name.length() > LONGEST_PATTERN) {
        throw ApiError.badRequest("the regular expression is longer than " + LONGEST_PATTERN);
      }
      wanted = patterns.apply("(?i)" + name);
    } else {
      String lower = name.toLowerCase(Locale.ROOT);
      wanted = text -> text.toLowerCase(Locale.ROOT).contains(lower);
    }
    long until = System.nanoTime() + MOST_NANOS;
    List<T> named = new ArrayList<>();
    for (T element : all) {
      if (wanted.test(shown.apply(element).getString("name", ""))) {
        named.add(element);
      }
      if (System.nanoTime() - until > 0) {
        throw ApiError.badRequest("to look for that name takes too long");
      }
    }
    return named;
  }

  private static <T> List<T> sorted(
      List<T> elements, Function<T, JsonObject> shown, Map<String, String> query) {
    String by = query.getOrDefault("sort", "");
    if (by.isEmpty()) {
      return elements;
    }
    String[] path = by.split("\\.", -1);
    List<Keyed<T>> keyed = new ArrayList<>(elements.size());
    for (T element : elements) {
      keyed.add(new Keyed<>(element, at(shown.apply(element), path)));
    }
    Comparator<Keyed<T>> order = (one, other) -> compare(one.key, other.key);
    keyed.sort("true".equals(query.get("sort_reverse")) ? order.reversed() : order);
    return keyed.stream().map(Keyed::element).toList();
  }

  private static @Nullable Object at(JsonObject object, String[] path) {
    Object value = object;
    for (String step : path) {
      value = value instanceof JsonObject inner ? inner.getValue(step) : null;
    }
    return value;
  }

  /** Numbers are before words, words before texts, as in Erlang; what is missing counts as 0. */
  private static int compare(@Nullable Object one, @Nullable Object other) {
    Object first = one == null ? Integer.valueOf(0) : one;
    Object second = other == null ? Integer.valueOf(0) : other;
    int rank = Integer.compare(rank(first), rank(second));
    if (rank != 0) {
      return rank;
    }
    return switch (first) {
      case Number number -> Double.compare(number.doubleValue(), ((Number) second).doubleValue());
      case Boolean flag -> Boolean.compare(flag, (Boolean) second);
      default -> first.toString().compareTo(second.toString());
    };
  }

  private static int rank(Object value) {
    return switch (value) {
      case Number _ -> 0;
      case Boolean _ -> 1;
      case CharSequence _ -> 3;
      default -> 2;
    };
  }

  /** What is wanted of each element. */
  private static <T> Function<T, JsonObject> columns(
      Function<T, JsonObject> shown, Map<String, String> query) {
    return element -> columns(shown.apply(element), query);
  }

  /** What is wanted of an object: all of it unless there are {@code columns}. */
  public static JsonObject columns(JsonObject whole, Map<String, String> query) {
    String columns = query.getOrDefault("columns", "");
    if (columns.isEmpty()) {
      return whole;
    }
    JsonObject part = new JsonObject();
    for (String column : columns.split(",")) {
      copy(whole, column.split("\\.", -1), part);
    }
    return part;
  }

  private static void copy(JsonObject from, String[] path, JsonObject to) {
    String name = path[0];
    Object value = from.getValue(name);
    if (value == null) {
      return;
    }
    if (path.length == 1) {
      to.put(name, value);
    } else if (value instanceof JsonObject inner) {
      JsonObject there = to.getValue(name) instanceof JsonObject known ? known : new JsonObject();
      copy(inner, Arrays.copyOfRange(path, 1, path.length), there);
      to.put(name, there);
    } else if (value instanceof JsonArray array) {
      JsonArray parts = new JsonArray();
      for (Object each : array) {
        JsonObject part = new JsonObject();
        if (each instanceof JsonObject inner) {
          copy(inner, Arrays.copyOfRange(path, 1, path.length), part);
        }
        parts.add(part);
      }
      to.put(name, parts);
    }
  }

  /** How many elements this part has. */
  public int size() {
    return elements.size();
  }

  /** One of them. */
  public JsonObject get(int i) {
    return shown.apply(elements.get(i));
  }

  /** What stands before the elements. */
  public String head() {
    return page == null
        ? "["
        : "{\"total_count\":%d,\"item_count\":%d,\"filtered_count\":%d,\"page\":%d,\"page_size\":%d,\"page_count\":%d,\"items\":["
            .formatted(
                page.all,
                elements.size(),
                page.filtered,
                page.number,
                page.size,
                (page.filtered + page.size - 1) / page.size);
  }

  /** What stands behind them. */
  public String tail() {
    return page == null ? "]" : "]}";
  }
}
