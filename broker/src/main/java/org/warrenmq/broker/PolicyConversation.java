package org.warrenmq.broker;

import static org.warrenmq.broker.RunningBroker.good;

import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.local.LocalApi;
import org.warrenmq.broker.RunningBroker.Refused;

/**
 * Asks the broker for what a {@link PolicyVerb} says, and tells what came of it as rabbitmqctl
 * does: columns are parted by tabs, and named in the first line. For the main thread.
 *
 * @param vhost what most of them are about
 * @param priority of a policy that is set; null for none in particular
 * @param applyTo what it is for; null for the usual
 */
record PolicyConversation(
    LocalApi api, String vhost, @Nullable String priority, @Nullable String applyTo) {
  private static final int NOT_FOUND = 404;

  /**
   * @throws Refused when the broker refuses it, or the arguments are wrong
   */
  String run(PolicyVerb verb, List<String> given) throws IOException, Refused {
    if (given.size() != verb.arguments().size()) {
      throw new Refused("usage: " + verb.word() + " " + String.join(" ", verb.arguments()));
    }
    return switch (verb) {
      case LIST_POLICIES -> policies("policies");
      case LIST_OPERATOR_POLICIES -> policies("operator-policies");
      case LIST_PARAMETERS -> parameters();
      case LIST_GLOBAL_PARAMETERS ->
          table(
              rows("/global-parameters"),
              "name\tvalue",
              one -> text(one, "name") + "\t" + json(one, "value"));
      default -> {
        LocalApi.Answer answer = change(verb, given.getFirst(), given);
        if (answer.status() == NOT_FOUND) {
          throw new Refused(
              answer.reason().equals("vhost_not_found")
                  ? "Virtual host '" + vhost + "' does not exist"
                  : "Parameter does not exist");
        }
        good(answer);
        yield verb.word() + ": done";
      }
    };
  }

  private LocalApi.Answer change(PolicyVerb verb, String first, List<String> given)
      throws IOException, Refused {
    return switch (verb) {
      case SET_POLICY -> api.put(LocalApi.path("policies", vhost, first), policy(given));
      case SET_OPERATOR_POLICY ->
          api.put(LocalApi.path("operator-policies", vhost, first), policy(given));
      case CLEAR_POLICY -> api.delete(LocalApi.path("policies", vhost, first));
      case CLEAR_OPERATOR_POLICY -> api.delete(LocalApi.path("operator-policies", vhost, first));
      case SET_PARAMETER ->
          api.put(LocalApi.path("parameters", first, vhost, given.get(1)), value(given.get(2)));
      case CLEAR_PARAMETER -> api.delete(LocalApi.path("parameters", first, vhost, given.get(1)));
      case SET_GLOBAL_PARAMETER ->
          api.put(LocalApi.path("global-parameters", first), value(given.get(1)));
      case CLEAR_GLOBAL_PARAMETER -> api.delete(LocalApi.path("global-parameters", first));
      case LIST_POLICIES, LIST_OPERATOR_POLICIES, LIST_PARAMETERS, LIST_GLOBAL_PARAMETERS ->
          throw new IllegalStateException(verb + " changes nothing");
    };
  }

  private JsonObject policy(List<String> given) throws Refused {
    if (!(read(given.get(2)) instanceof JsonObject definition)) {
      throw new Refused("definition must be a dictionary: " + given.get(2));
    }
    JsonObject policy = new JsonObject().put("pattern", given.get(1)).put("definition", definition);
    if (applyTo != null) {
      policy.put("apply-to", applyTo);
    }
    if (priority != null) {
      try {
        policy.put("priority", Long.parseLong(priority));
      } catch (NumberFormatException e) {
        throw new Refused(priority + " priority must be a number");
      }
    }
    return policy;
  }

  private static JsonObject value(String json) throws Refused {
    return new JsonObject().put("value", read(json));
  }

  private static @Nullable Object read(String json) throws Refused {
    try {
      return Json.decodeValue(json);
    } catch (DecodeException e) {
      throw new Refused(
          "Could not parse JSON document: {error,{failed_to_decode_json,<<\"%s\">>}}"
              .formatted(json));
    }
  }

  private String policies(String kind) throws IOException, Refused {
    return table(
        rows(LocalApi.path(kind, vhost)),
        "vhost\tname\tpattern\tapply-to\tdefinition\tpriority",
        one ->
            String.join(
                "\t",
                text(one, "vhost"),
                text(one, "name"),
                text(one, "pattern"),
                text(one, "apply-to"),
                json(one, "definition"),
                json(one, "priority")));
  }

  private String parameters() throws IOException, Refused {
    good(api.get(LocalApi.path("vhosts", vhost)));
    List<JsonObject> there = rows("/parameters");
    there.removeIf(one -> !text(one, "vhost").equals(vhost));
    return table(
        there,
        "component\tname\tvalue",
        one -> String.join("\t", text(one, "component"), text(one, "name"), json(one, "value")));
  }

  private List<JsonObject> rows(String path) throws IOException, Refused {
    LocalApi.Answer answer = api.get(path);
    if (answer.status() == NOT_FOUND) {
      throw new Refused("Virtual host '" + vhost + "' does not exist");
    }
    List<JsonObject> rows = new ArrayList<>();
    if (good(answer).json() instanceof JsonArray array) {
      array.forEach(row -> rows.add((JsonObject) row));
    }
    return rows;
  }

  private static String table(
      List<JsonObject> rows, String header, Function<JsonObject, String> line) {
    return Stream.concat(Stream.of(header), rows.stream().map(line))
        .collect(Collectors.joining("\n"));
  }

  private static String text(JsonObject object, String key) {
    return String.valueOf(object.getValue(key));
  }

  /** The keys of objects are sorted. */
  private static String json(JsonObject object, String key) {
    return JsonValues.write(JsonValues.value(object.getValue(key)));
  }
}
