package org.warrenmq.broker.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.warrenmq.admin.local.LocalApi;

/** The verbs about documents of definitions; the broker does the work. Stateless. */
final class DefinitionVerbs {
  private static final String STANDARD = "-";

  /** Exit code of a comparison that found something, as diff has it. */
  private static final int DIFFERENT = 1;

  private DefinitionVerbs() {}

  static List<Verb> all() {
    return List.of(
        Verb.of("export_definitions", "Writes all definitions; - is standard output", "<file>")
            .with(Flag.FORMAT)
            .saying(call -> atFile(call, "Exporting definitions in JSON to a file at"))
            .does(DefinitionVerbs::write),
        Verb.of(
                "import_definitions",
                "Makes the broker what a document asks for; nothing is deleted",
                "[<file>]")
            .with(Flag.FORMAT, Flag.STRICT, Flag.SKIP_IF_UNCHANGED)
            .saying(call -> atFile(call, "Importing definitions in JSON from a file at"))
            .does(DefinitionVerbs::take),
        Verb.of(
                "diff_definitions",
                "Tells what of a document is not so; not a word, and exit code 0: all of it is",
                "[<file>]")
            .with(Flag.FORMAT)
            .does(DefinitionVerbs::compare));
  }

  private static String file(Call call) {
    return call.count() == 0 ? STANDARD : call.given(0);
  }

  private static String atFile(Call call, String what) {
    return file(call).equals(STANDARD) ? "" : "%s \"%s\" ...".formatted(what, file(call));
  }

  private static String path(Call call, String of) {
    return of + (call.hasVhost() ? LocalApi.path(call.vhost()) : "");
  }

  private static void checkFormat(Call call) throws Refused {
    String format = call.value(Flag.FORMAT, "json");
    if (!format.equalsIgnoreCase("json")) {
      throw Refused.badArgument("definitions are written as json, not as " + format);
    }
  }

  private static byte[] read(Call call) throws Refused {
    String file = file(call);
    try {
      return file.equals(STANDARD) ? System.in.readAllBytes() : Files.readAllBytes(Path.of(file));
    } catch (IOException e) {
      throw Refused.error(Refused.DATA, "cannot read " + file + ": " + e.getMessage());
    }
  }

  private static Answer write(Call call) throws IOException, Refused {
    checkFormat(call);
    String document = Call.good(call.api().get(path(call, "/definitions"))).body();
    if (file(call).equals(STANDARD)) {
      return new Answer.Text(document);
    }
    try {
      write(Path.of(file(call)), document);
    } catch (IOException e) {
      throw Refused.error(Refused.DATA, "cannot write " + file(call) + ": " + e.getMessage());
    }
    return new Answer.Nothing();
  }

  /** For its owner alone where it is new: what passwords are kept as is in it. */
  private static void write(Path file, String document) throws IOException {
    if (Files.notExists(file)) {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }
    Files.writeString(file, document);
  }

  private static Answer take(Call call) throws IOException, Refused {
    checkFormat(call);
    String path = path(call, "/definitions") + (call.has(Flag.STRICT) ? "?strict=true" : "");
    Object answer = Call.good(call.api().post(path, read(call))).json();
    if (answer instanceof JsonObject report) {
      tell(call, report, "refused", "reason", "not imported: ");
      tell(call, report, "without_effect", "reason", "");
    }
    return new Answer.Hint("definitions are imported");
  }

  private static Answer compare(Call call) throws IOException, Refused {
    checkFormat(call);
    Object answer = Call.good(call.api().post(path(call, "/diff/definitions"), read(call))).json();
    if (!(answer instanceof JsonObject found)) {
      throw Refused.error(Refused.UNAVAILABLE, "no answer: " + answer);
    }
    long count = found.getLong("difference_count", 0L);
    if (count == 0) {
      return new Answer.Nothing();
    }
    tell(call, found, "differences", "difference", "");
    throw Refused.plainly(DIFFERENT, count == 1 ? "1 difference" : count + " differences");
  }

  /** Tells a list of what concerns objects, and how many there are beside it. */
  private static void tell(Call call, JsonObject all, String key, String what, String before) {
    JsonArray list = all.getJsonArray(key, new JsonArray());
    for (Object each : list) {
      if (each instanceof JsonObject one) {
        call.tell(before + one.getString("object") + ": " + one.getString(what));
      }
    }
    long further = all.getLong(key + "_count", (long) list.size()) - list.size();
    if (further > 0) {
      call.tell(before + further + " more");
    }
  }
}
