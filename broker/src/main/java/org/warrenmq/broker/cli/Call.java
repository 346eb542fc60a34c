package org.warrenmq.broker.cli;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.local.LocalApi;

/** A verb with what was given to it, and its broker. Belongs to the thread that runs it. */
final class Call {
  static final int NOT_FOUND = 404;

  private final LocalApi api;
  private final Words words;
  private final PrintWriter progress;

  /** To be said before anything else is, unless the call was wrong from the start. */
  private String pending = "";

  /** Asked once, when somebody wants it. */
  private @Nullable JsonObject overview;

  /**
   * What the command line says.
   *
   * @param vhost null for none in particular
   * @param node null for whichever it is
   * @param timeout in seconds; null for the usual
   */
  record Words(
      List<String> given,
      Map<Flag, String> flags,
      @Nullable String vhost,
      @Nullable String node,
      @Nullable Long timeout) {
    Words {
      given = List.copyOf(given);
      flags = flags.isEmpty() ? Map.of() : Map.copyOf(new EnumMap<>(flags));
    }
  }

  /**
   * @param progress for what is said while a verb is at it
   */
  Call(LocalApi api, Words words, PrintWriter progress) {
    this.api = api;
    this.words = words;
    this.progress = progress;
  }

  LocalApi api() {
    return api;
  }

  int count() {
    return words.given().size();
  }

  String given(int place) {
    return words.given().get(place);
  }

  List<String> from(int place) {
    return words.given().subList(place, words.given().size());
  }

  boolean has(Flag flag) {
    return words.flags().containsKey(flag);
  }

  String value(Flag flag, String otherwise) {
    return words.flags().getOrDefault(flag, otherwise);
  }

  String vhost() {
    return words.vhost() == null ? "/" : words.vhost();
  }

  boolean hasVhost() {
    return words.vhost() != null;
  }

  long timeout(long otherwise) {
    return words.timeout() == null ? otherwise : words.timeout();
  }

  void announce(String banner) {
    pending = banner;
  }

  void tell(String line) {
    begin();
    progress.println(line);
    progress.flush();
  }

  /** Says what was announced. */
  void begin() {
    if (!pending.isEmpty()) {
      progress.println(pending);
      progress.flush();
      pending = "";
    }
  }

  /** The node's name. */
  String node() throws IOException, Refused {
    return String.valueOf(overview().getValue("node"));
  }

  /** The same, or what is likely, without asking. */
  String knownNode() {
    if (overview != null) {
      return String.valueOf(overview.getValue("node"));
    }
    return words.node() == null ? Place.nodeName() : words.node();
  }

  JsonObject overview() throws IOException, Refused {
    if (overview == null) {
      overview = object("/overview");
    }
    return overview;
  }

  /** What {0}, {vhost} and {node} in it stand for. */
  String fill(String template) throws IOException, Refused {
    StringBuilder filled = new StringBuilder();
    int at = 0;
    for (int open = template.indexOf('{'); open >= 0; open = template.indexOf('{', at)) {
      int close = template.indexOf('}', open);
      filled.append(template, at, open).append(named(template.substring(open + 1, close)));
      at = close + 1;
    }
    return filled.append(template.substring(at)).toString();
  }

  private String named(String name) throws IOException, Refused {
    return switch (name) {
      case "vhost" -> vhost();
      case "node" -> node();
      case "priority" -> value(Flag.PRIORITY, "0");
      case "rest" -> String.join(", ", from(1));
      default -> given(Integer.parseInt(name));
    };
  }

  /** Refuses to be for another node than the one that is meant. */
  void checkNode() throws IOException, Refused {
    if (words.node() != null && !words.node().equals(node())) {
      throw Place.unreachable(words.node(), "the broker there is node '" + node() + "'");
    }
  }

  // Asking.

  /** A list, of which the virtual host may be missing that the call is about. */
  List<JsonObject> rows(String path) throws IOException, Refused {
    LocalApi.Answer answer = api.get(path);
    if (answer.status() == NOT_FOUND) {
      throw Refused.noVhost(vhost());
    }
    List<JsonObject> rows = new ArrayList<>();
    if (good(answer).json() instanceof JsonArray array) {
      array.forEach(row -> rows.add((JsonObject) row));
    }
    return rows;
  }

  JsonObject object(String path) throws IOException, Refused {
    return good(api.get(path)).json() instanceof JsonObject object ? object : new JsonObject();
  }

  /** Refuses a virtual host that is not there. */
  void checkVhost() throws IOException, Refused {
    if (isMissing("vhosts", vhost())) {
      throw Refused.noVhost(vhost());
    }
  }

  boolean isMissing(String... path) throws IOException {
    return api.get(LocalApi.path(path)).status() == NOT_FOUND;
  }

  /** An answer that has to be a good one. */
  static LocalApi.Answer good(LocalApi.Answer answer) throws Refused {
    if (!answer.isGood()) {
      throw Refused.error(Refused.UNAVAILABLE, answer.reason());
    }
    return answer;
  }

  /** The end of a verb that has nothing to tell. */
  static Answer done(LocalApi.Answer answer) throws Refused {
    good(answer);
    return new Answer.Nothing();
  }

  /** The same, where nothing to take away is as good. */
  static Answer gone(LocalApi.Answer answer) throws Refused {
    return answer.status() == NOT_FOUND ? new Answer.Nothing() : done(answer);
  }

  /** What is given there as JSON. */
  @Nullable Object json(int place) throws Refused {
    try {
      return Json.decodeValue(given(place));
    } catch (DecodeException e) {
      throw Refused.error(
          Refused.UNAVAILABLE,
          "Could not parse JSON document: {error,{failed_to_decode_json,<<\"%s\">>}}"
              .formatted(given(place)));
    }
  }

  /** The same, which has to be an object. */
  JsonObject table(int place) throws Refused {
    if (json(place) instanceof JsonObject object) {
      return object;
    }
    throw Refused.error(Refused.UNAVAILABLE, "not a JSON object: " + given(place));
  }
}
