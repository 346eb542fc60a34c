package org.warrenmq.broker;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.local.LocalApi;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What the command line does with documents of definitions; the broker does the work. */
final class DefinitionVerbs {
  private static final String STANDARD = "-";

  private DefinitionVerbs() {}

  /** Adds them to a command line. */
  static void addTo(CommandLine line) {
    line.addSubcommand(new Export()).addSubcommand(new Import()).addSubcommand(new Diff());
  }

  /** The document that a verb is about. */
  static final class Document {
    @Parameters(paramLabel = "FILE", description = "of the definitions; - is the standard one")
    private String file = STANDARD;

    @Option(
        names = "--format",
        paramLabel = "json",
        defaultValue = "json",
        description = "the one there is")
    private String format = "json";

    @Option(
        names = {"-p", "--vhost"},
        paramLabel = "VHOST",
        description = "the one virtual host that it is for")
    private @Nullable String vhost;

    private void check() throws RunningBroker.Refused {
      if (!format.equals("json")) {
        throw new RunningBroker.Refused("definitions are written as json, not as " + format);
      }
    }

    private String path(String of) {
      return of + (vhost == null ? "" : LocalApi.path(vhost));
    }

    private byte[] read() throws RunningBroker.Refused {
      try {
        return file.equals(STANDARD) ? System.in.readAllBytes() : Files.readAllBytes(Path.of(file));
      } catch (IOException e) {
        throw new RunningBroker.Refused("cannot read " + file + ": " + e.getMessage());
      }
    }
  }

  /** {@code warren export_definitions FILE}. */
  @Command(
      name = "export_definitions",
      mixinStandardHelpOptions = true,
      description = "Writes all definitions of a running broker as RabbitMQ does.",
      versionProvider = Main.Version.class)
  static final class Export implements Callable<Integer> {
    @Mixin private RunningBroker broker = new RunningBroker();
    @Mixin private Document document = new Document();

    @Override
    public Integer call() {
      return broker.talk((api, out, _) -> write(api, out));
    }

    private int write(LocalApi api, PrintWriter out) throws IOException, RunningBroker.Refused {
      document.check();
      String text = RunningBroker.good(api.get(document.path("/definitions"))).body();
      if (document.file.equals(STANDARD)) {
        out.println(text);
        return CommandLine.ExitCode.OK;
      }
      try {
        Files.writeString(Path.of(document.file), text);
      } catch (IOException e) {
        throw new RunningBroker.Refused("cannot write " + document.file + ": " + e.getMessage());
      }
      out.println("definitions are in " + document.file);
      return CommandLine.ExitCode.OK;
    }
  }

  /** {@code warren import_definitions FILE}. */
  @Command(
      name = "import_definitions",
      mixinStandardHelpOptions = true,
      description = {
        "Makes a running broker what a document of definitions asks for; nothing is deleted.",
        "What cannot be is told by name, and the rest is done."
      },
      versionProvider = Main.Version.class)
  static final class Import implements Callable<Integer> {
    @Mixin private RunningBroker broker = new RunningBroker();
    @Mixin private Document document = new Document();

    @Option(names = "--strict", description = "do nothing where something of it cannot be")
    private boolean strict;

    @Override
    public Integer call() {
      return broker.talk(this::post);
    }

    private int post(LocalApi api, PrintWriter out, PrintWriter err)
        throws IOException, RunningBroker.Refused {
      document.check();
      String path = document.path("/definitions") + (strict ? "?strict=true" : "");
      Object answer = RunningBroker.good(api.post(path, document.read())).json();
      if (answer instanceof JsonObject report) {
        print(report, "refused", "not imported: ", err);
        print(report, "without_effect", "", out);
      }
      out.println("definitions are imported");
      return CommandLine.ExitCode.OK;
    }

    private static void print(JsonObject report, String key, String before, PrintWriter to) {
      JsonArray remarks = report.getJsonArray(key, new JsonArray());
      for (Object each : remarks) {
        if (each instanceof JsonObject remark) {
          to.println(before + remark.getString("object") + ": " + remark.getString("reason"));
        }
      }
      long further = report.getLong(key + "_count", 0L) - remarks.size();
      if (further > 0) {
        to.println(before + further + " more");
      }
    }
  }

  /** {@code warren diff_definitions FILE}. */
  @Command(
      name = "diff_definitions",
      mixinStandardHelpOptions = true,
      description = {
        "Says what of a document of definitions is not so on a running broker.",
        "Exit code 0, and not a word: all of it is. 1: something is not."
      },
      versionProvider = Main.Version.class)
  static final class Diff implements Callable<Integer> {
    @Mixin private RunningBroker broker = new RunningBroker();
    @Mixin private Document document = new Document();

    @Override
    public Integer call() {
      return broker.talk((api, out, _) -> compare(api, out));
    }

    private int compare(LocalApi api, PrintWriter out) throws IOException, RunningBroker.Refused {
      document.check();
      LocalApi.Answer answer = api.post(document.path("/diff/definitions"), document.read());
      if (!(RunningBroker.good(answer).json() instanceof JsonObject found)) {
        throw new RunningBroker.Refused("no answer: " + answer.body());
      }
      JsonArray differences = found.getJsonArray("differences", new JsonArray());
      for (Object each : differences) {
        if (each instanceof JsonObject difference) {
          out.println(difference.getString("object") + ": " + difference.getString("difference"));
        }
      }
      long further = found.getLong("difference_count", 0L) - differences.size();
      if (further > 0) {
        out.println(further + " more");
      }
      return differences.isEmpty() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }
  }
}
