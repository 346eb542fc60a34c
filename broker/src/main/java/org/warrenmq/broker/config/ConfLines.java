package org.warrenmq.broker.config;

import io.vertx.config.spi.ConfigProcessor;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * rabbitmq.conf's lines as a format of Vert.x's configuration: {@code key = value}, comments from a
 * hash sign on, values in single quotes taken as they are, {@code include FILES}. Stateless.
 */
public final class ConfLines implements ConfigProcessor {
  /** The format's name. */
  static final String FORMAT = "rabbitmq.conf";

  private static final String INCLUDE = "include";

  @Override
  public String name() {
    return FORMAT;
  }

  @Override
  public Future<JsonObject> process(Vertx vertx, @Nullable JsonObject options, Buffer file) {
    FoundEntries entries = new FoundEntries();
    int number = 0;
    for (String line : file.toString(StandardCharsets.UTF_8).split("\\R")) {
      number++;
      String text = line.strip();
      if (text.isEmpty() || text.startsWith("#")) {
        continue;
      }
      int equals = text.indexOf('=');
      String key = text.substring(0, Math.max(0, equals)).strip();
      if (isInclude(text)) {
        entries.include(value(text.substring(INCLUDE.length()).strip()), number);
      } else if (key.isEmpty() || key.chars().anyMatch(Character::isWhitespace)) {
        // What it says may be a password, so nobody repeats it.
        return Future.failedFuture(number + ": this line is not 'key = value'");
      } else {
        entries.put(key, value(text.substring(equals + 1).strip()), number);
      }
    }
    return Future.succeededFuture(entries.asJson());
  }

  private static boolean isInclude(String text) {
    return text.startsWith(INCLUDE)
        && text.length() > INCLUDE.length() + 1
        && Character.isWhitespace(text.charAt(INCLUDE.length()))
        && !text.substring(INCLUDE.length()).strip().startsWith("=");
  }

  private static String value(String text) {
    if (text.startsWith("'")) {
      int end = text.indexOf('\'', 1);
      if (end > 0) {
        return text.substring(1, end);
      }
    }
    int comment = text.indexOf('#');
    return comment < 0 ? text : text.substring(0, comment).strip();
  }
}
