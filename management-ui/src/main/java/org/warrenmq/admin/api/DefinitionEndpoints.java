package org.warrenmq.admin.api;

import static org.warrenmq.admin.http.Authority.ADMINISTRATOR;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.admin.definitions.DefinitionDifferences;
import org.warrenmq.admin.definitions.DefinitionDocument;
import org.warrenmq.admin.definitions.DefinitionExport;
import org.warrenmq.admin.definitions.DefinitionImport;
import org.warrenmq.admin.definitions.ImportReport;
import org.warrenmq.admin.http.ApiError;
import org.warrenmq.admin.http.Reply;
import org.warrenmq.admin.http.Request;
import org.warrenmq.admin.http.Route;
import org.warrenmq.admin.http.UploadedFile;
import org.warrenmq.admin.node.NodeDesk;
import org.warrenmq.admin.node.NodeView;

/** All that is defined, as one document. Called on threads that may wait. */
final class DefinitionEndpoints {
  private static final Logger log = LoggerFactory.getLogger(DefinitionEndpoints.class);

  /** The threads that carry requests out are few, and an import takes its time. */
  private static final int MOST_IMPORTS = 2;

  /** Differences that are told; the rest is counted. */
  private static final int MOST_DIFFERENCES = 10_000;

  /** A path on this server: nobody is to be led elsewhere, and no header after it. */
  private static final Pattern PATH = Pattern.compile("(?![a-zA-Z][a-zA-Z+.-]*:|//)[!-\\[\\]-~]*");

  private static final Pattern FILE_NAME = Pattern.compile("[^\\w.@%+-]");

  private final NodeView view;
  private final NodeDesk commands;
  private final Vhosts vhosts;
  private final Semaphore imports = new Semaphore(MOST_IMPORTS);

  DefinitionEndpoints(NodeView view, NodeDesk commands) {
    this.view = view;
    this.commands = commands;
    vhosts = new Vhosts(view);
  }

  List<Route> routes() {
    return List.of(
        Route.get("/definitions", ADMINISTRATOR, r -> export(r, null)),
        Route.post("/definitions", ADMINISTRATOR, r -> take(r, null)),
        Route.get("/all-configuration", ADMINISTRATOR, r -> export(r, null)),
        Route.post("/all-configuration", ADMINISTRATOR, r -> take(r, null)),
        Route.get("/definitions/{vhost}", ADMINISTRATOR, r -> export(r, vhosts.named(r))),
        Route.post("/definitions/{vhost}", ADMINISTRATOR, r -> take(r, vhosts.named(r))),
        Route.post("/diff/definitions", ADMINISTRATOR, r -> diff(r, null)),
        Route.post("/diff/definitions/{vhost}", ADMINISTRATOR, r -> diff(r, vhosts.named(r))));
  }

  private Reply export(Request request, @Nullable String vhost) {
    String file = request.parameter("download");
    return new Reply.Pieces(
        new DefinitionExport(view, vhost).pieces(),
        file == null
            ? Map.of()
            : Map.of(
                "content-disposition",
                "attachment; filename=" + FILE_NAME.matcher(file).replaceAll("_")));
  }

  private Reply take(Request request, @Nullable String vhost) {
    if (!UploadedFile.isIn(request.header().apply("content-type"))) {
      return answer(imported(request, request.content(), vhost));
    }
    UploadedFile upload = UploadedFile.of(request);
    String redirect = upload.redirect();
    if (redirect != null && !PATH.matcher(redirect).matches()) {
      throw ApiError.badRequest("redirect is not a path on this server");
    }
    ImportReport report = imported(request, upload.content(), vhost);
    return redirect == null ? answer(report) : new Reply.Empty(303, Map.of("location", redirect));
  }

  /** Nothing, as RabbitMQ, where there is nothing to say. */
  private static Reply answer(ImportReport report) {
    return report.isSilent() ? Reply.done() : Reply.json(report.json());
  }

  private ImportReport imported(Request request, Buffer content, @Nullable String vhost) {
    if (!imports.tryAcquire()) {
      throw new ApiError(503, "service_unavailable", "other imports are under way");
    }
    try {
      ImportReport report =
          new DefinitionImport(
                  DefinitionDocument.of(content),
                  vhost,
                  view,
                  commands.of(request.caller()).definitions())
              .run(request.isTrue("strict"));
      report.refused().forEach(remark -> log.warn("not imported: {}", remark));
      report.withoutEffect().forEach(remark -> log.info("imported: {}", remark));
      return report;
    } finally {
      imports.release();
    }
  }

  /** What of a document is not so here. */
  private Reply diff(Request request, @Nullable String vhost) {
    JsonArray differences = new JsonArray();
    long[] count = {0};
    DefinitionDifferences.find(
        DefinitionDocument.of(request.content()),
        vhost,
        view,
        commands.of(request.caller()).definitions(),
        difference -> {
          if (count[0]++ < MOST_DIFFERENCES) {
            differences.add(
                new JsonObject()
                    .put("object", difference.object())
                    .put("difference", difference.what()));
          }
        });
    return Reply.json(
        new JsonObject().put("difference_count", count[0]).put("differences", differences));
  }
}
