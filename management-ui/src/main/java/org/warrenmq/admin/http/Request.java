package org.warrenmq.admin.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.node.Caller;

/**
 * A request whose caller may make it. Immutable, for the thread that answers it.
 *
 * @param caller nobody in particular where the endpoint asks for no authority
 * @param values of what is in braces in its route, decoded
 * @param query the first value of each parameter behind the question mark
 * @param header looks a header up
 * @param form fields of a form that was posted
 * @param content the body
 */
public record Request(
    String method,
    Caller caller,
    Map<String, String> values,
    Map<String, String> query,
    Function<String, @Nullable String> header,
    Map<String, String> form,
    Buffer content) {
  /** A body that means none, in octets. */
  private static final int LONGEST_NOTHING = 1024;

  /** So many values a body may have on any heap. */
  private static final long LEAST_VALUES = 100_000;

  /** And one more for so many bytes of it. */
  private static final long BYTES_OF_HEAP = 512;

  /** What the path has at the place of that name. */
  public String value(String name) {
    String value = values.get(name);
    if (value == null) {
      throw new IllegalStateException("no {" + name + "} in the path");
    }
    return value;
  }

  /** The virtual host that the path names. */
  public String vhost() {
    return value("vhost");
  }

  /** A parameter behind the question mark, or null. */
  public @Nullable String parameter(String name) {
    return query.get(name);
  }

  public boolean isTrue(String parameter) {
    return "true".equals(query.get(parameter));
  }

  /** Whether the caller may know of things in a virtual host. */
  public boolean sees(String vhost) {
    return caller.isMonitoring() || caller.mayEnter(vhost);
  }

  /** Whether the caller works there, or administers everything. */
  public boolean enters(String vhost) {
    return caller.isAdministrator() || caller.mayEnter(vhost);
  }

  /**
   * The body as an object of JSON; one without entries if there is none.
   *
   * @throws ApiError when it is something else
   */
  public JsonObject body() {
    // Of a large body there are not more copies than have to be.
    String text = content.length() > LONGEST_NOTHING ? "?" : content.toString();
    if (text.isBlank() || text.equals("null") || text.equals("undefined")) {
      return new JsonObject();
    }
    checkSize();
    Object value;
    try {
      value = Json.decodeValue(content);
    } catch (DecodeException e) {
      throw ApiError.badRequest("not_json");
    }
    return switch (value) {
      case JsonObject object -> object;
      case String _ ->
          throw ApiError.badRequest(
              "invalid payload: the request body JSON-decoded to a string. Is the input"
                  + " doubly-JSON-encoded?");
      case null, default -> throw ApiError.badRequest("not_json");
    };
  }

  /** A few octets of JSON can be a large object in memory. */
  private void checkSize() {
    long most = Math.max(LEAST_VALUES, Runtime.getRuntime().maxMemory() / BYTES_OF_HEAP);
    long values = 0;
    for (int i = 0; i < content.length(); i++) {
      byte octet = content.getByte(i);
      if (octet == ',' || octet == '[' || octet == '{') {
        values++;
      }
    }
    if (values > most) {
      throw ApiError.badRequest("the body has more than " + most + " values");
    }
  }

  /**
   * The body, which must have some entries.
   *
   * @throws ApiError when one of them is missing
   */
  public JsonObject body(String... required) {
    JsonObject body = body();
    List<String> missing = Stream.of(required).filter(key -> !body.containsKey(key)).toList();
    if (!missing.isEmpty()) {
      throw ApiError.badRequest("[{key_missing," + String.join("},{key_missing,", missing) + "}]");
    }
    return body;
  }
}
