package org.warrenmq.admin;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.CorsHandler;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.admin.http.ApiError;
import org.warrenmq.admin.http.Authority;
import org.warrenmq.admin.http.Credentials;
import org.warrenmq.admin.http.Request;
import org.warrenmq.admin.http.RouteTable;
import org.warrenmq.admin.http.RouteTable.Match;
import org.warrenmq.admin.http.UploadedFile;
import org.warrenmq.admin.node.Caller;
import org.warrenmq.admin.node.Logins;
import org.warrenmq.admin.node.NodeView;

/**
 * What happens to a request, from its head to its answer: the route is found, the caller is asked
 * for, the body is read once the caller may send it, and the endpoint answers. Lives on the event
 * loop of the HTTP API; what may wait is done on its worker threads.
 */
final class Exchanges {
  private static final Logger log = LoggerFactory.getLogger(Exchanges.class);

  private static final String FOUND = "found";
  private static final String CALLER = "caller";
  private static final String PARTS = "parts";
  private static final String PLACE = "place";
  private static final Caller NOBODY = new Caller("", List.of(), false, vhost -> false);

  /** After which a body is here, however much of it comes. */
  private static final long BODY_MILLIS = 60_000;

  /** So many octets of it come in the time that there is for a head, each time. */
  private static final long PACE = 16 * 1024;

  /** Whoever says who may log in has so long. */
  private static final long LOGIN_SECONDS = 20;

  /** Requests carried out at once. */
  private static final int WORKERS = 8;

  /** So many times its octets a body takes while it is read, and the heap is for messages. */
  private static final long PART_OF_HEAP = 16;

  private final Vertx vertx;
  private final WorkerExecutor workers;
  private final AdminConfig config;
  private final RouteTable routes;
  private final Logins logins;
  private final Places places;
  private final boolean isLocal;
  private final long maxBody;
  private final BodyBudget bodies;
  private final ReplyWriter replies;
  private final String api;

  /**
   * @param places where connections are counted
   * @param isLocal whether all callers own the data folder
   */
  Exchanges(
      Vertx vertx,
      AdminConfig config,
      RouteTable routes,
      Logins logins,
      NodeView view,
      Places places,
      boolean isLocal) {
    this.vertx = vertx;
    workers = vertx.createSharedWorkerExecutor("warren-http-worker", WORKERS, 2, TimeUnit.MINUTES);
    this.config = config;
    this.routes = routes;
    this.logins = logins;
    this.places = places;
    this.isLocal = isLocal;
    maxBody = Math.min(config.maxBody(), Runtime.getRuntime().maxMemory() / PART_OF_HEAP);
    bodies = new BodyBudget(maxBody);
    replies = new ReplyWriter(config.headers(), view::matching, workers);
    api = config.pathPrefix() + "/api";
  }

  Router router() {
    Router router = Router.router(vertx);
    router.route().handler(this::begin);
    if (!config.allowedOrigins().isEmpty()) {
      router.route().handler(cors());
    }
    router.route().handler(this::find);
    BodyHandler strangers = BodyHandler.create(false).setBodyLimit(BodyBudget.SMALL);
    BodyHandler callers = BodyHandler.create(false).setBodyLimit(maxBody);
    router.route().handler(context -> readBody(context, isOpen(context) ? strangers : callers));
    router.route().handler(this::carryOut);
    router.route().failureHandler(this::failed);
    return router;
  }

  private CorsHandler cors() {
    CorsHandler cors =
        CorsHandler.create()
            .allowCredentials(true)
            .maxAgeSeconds((int) config.originMaxAge().toSeconds())
            .allowedHeader("authorization")
            .allowedHeader("content-type");
    for (String method : List.of("GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS")) {
      cors.allowedMethod(HttpMethod.valueOf(method));
    }
    if (config.allowedOrigins().contains("*")) {
      return cors.addOriginWithRegex(".*");
    }
    config.allowedOrigins().forEach(cors::addOrigin);
    return cors;
  }

  private void begin(RoutingContext context) {
    Afterwards.begin(context);
    context.put(PLACE, places.begun(context.request()));
    Afterwards.run(context, () -> places.ended(context.request()));
    context.next();
  }

  /** The head is here: whose request is it, and may they make it? */
  private void find(RoutingContext context) {
    HttpServerRequest request = context.request();
    String path = String.valueOf(request.path());
    Match match =
        path.startsWith(api + "/") || path.equals(api)
            ? routes.find(request.method().name(), path.substring(api.length()))
            : new Match.Nothing();
    switch (match) {
      case Match.Nothing() -> throw ApiError.notFound();
      case Match.OtherMethods(var methods) -> {
        context.response().putHeader("allow", String.join(", ", methods));
        if (!request.method().equals(HttpMethod.OPTIONS)) {
          throw ApiError.methodNotAllowed();
        }
        replies.writeNothing(context, 200, Map.of());
      }
      case Match.Found found -> {
        context.put(FOUND, found);
        request.pause();
        Future<?> admitted =
            found.route().authority() == Authority.LOGIN
                ? Future.succeededFuture()
                : caller(context).compose(caller -> admit(context, found, caller));
        admitted
            .compose(_ -> isOpen(context) ? Future.succeededFuture() : bodies.room(context))
            .onSuccess(
                _ -> {
                  endInTime(context);
                  request.resume();
                  context.next();
                })
            .onFailure(context::fail);
      }
    }
  }

  /** Whoever has not logged in yet says who they are at most, and takes no room from others. */
  private static boolean isOpen(RoutingContext context) {
    return switch (found(context).route().authority()) {
      case NONE, LOGIN -> true;
      default -> false;
    };
  }

  /** Who sends a body octet by octet keeps the room from others. */
  private void endInTime(RoutingContext context) {
    HttpServerRequest request = context.request();
    if (request.isEnded()) {
      return;
    }
    Place place = Objects.requireNonNull(context.<Place>get(PLACE));
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(BODY_MILLIS);
    long[] before = {place.octets()};
    long timer =
        vertx.setPeriodic(
            place.headMillis(),
            self -> {
              long now = place.octets();
              if (request.isEnded()) {
                vertx.cancelTimer(self);
              } else if (now - before[0] < PACE || System.nanoTime() - until >= 0) {
                request.connection().close();
              }
              before[0] = now;
            });
    Afterwards.run(context, () -> vertx.cancelTimer(timer));
  }

  /** A form of several parts is read as any other body: its endpoint knows what is in it. */
  private void readBody(RoutingContext context, BodyHandler others) {
    HttpServerRequest request = context.request();
    if (!UploadedFile.isIn(request.getHeader("content-type"))) {
      others.handle(context);
      return;
    }
    long most = isOpen(context) ? BodyBudget.SMALL : maxBody;
    Buffer body = Buffer.buffer();
    request.handler(
        octets -> {
          if (body.length() + octets.length() > most) {
            request.handler(null);
            context.fail(413);
          } else {
            body.appendBuffer(octets);
          }
        });
    request.endHandler(
        _ -> {
          if (!context.failed()) {
            context.put(PARTS, body).next();
          }
        });
  }

  private Future<Caller> caller(RoutingContext context) {
    Match.Found found = found(context);
    if (found.route().authority() == Authority.NONE) {
      return Future.succeededFuture(NOBODY);
    }
    if (isLocal) {
      return Future.succeededFuture(Caller.local());
    }
    try {
      return login(context, Credentials.of(context.request().getHeader("authorization")));
    } catch (ApiError e) {
      return Future.failedFuture(e);
    }
  }

  private Future<Caller> login(RoutingContext context, Credentials by) {
    InetSocketAddress from = address(context.request());
    CompletionStage<Logins.Login> asked = logins.login(by.name(), by.password(), from);
    Promise<Logins.Login> answer = Promise.promise();
    Context here = vertx.getOrCreateContext();
    asked
        .toCompletableFuture()
        .copy()
        .orTimeout(LOGIN_SECONDS, TimeUnit.SECONDS)
        .whenComplete(
            (login, failure) ->
                here.runOnContext(
                    _ -> {
                      if (failure == null) {
                        answer.complete(login);
                      } else {
                        log.error("login over HTTP could not be decided", failure);
                        answer.complete(new Logins.Login.Refused());
                      }
                    }));
    return answer
        .future()
        .map(
            login ->
                switch (login) {
                  case Logins.Login.Granted(Caller caller) -> caller;
                  case Logins.Login.Refused() -> {
                    log.warn("login of '{}' over HTTP from {} was refused", by.name(), from);
                    throw ApiError.notAuthenticated();
                  }
                  case Logins.Login.NotFromThere() ->
                      throw ApiError.notAuthorised("User can only log in via localhost");
                });
  }

  private static InetSocketAddress address(HttpServerRequest request) {
    var remote = request.remoteAddress();
    return remote == null || remote.hostAddress() == null
        ? new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)
        : new InetSocketAddress(remote.hostAddress(), remote.port());
  }

  /** Somebody asks for the answer; may they have it? */
  private Future<@Nullable Object> admit(RoutingContext context, Match.Found found, Caller caller) {
    context.put(CALLER, caller);
    return work(
        () -> {
          Map<String, String> values = found.values();
          found.route().authority().check(caller, values.get("vhost"), values.get("user"));
          return true;
        });
  }

  private static Match.Found found(RoutingContext context) {
    return Objects.requireNonNull(context.<Match.Found>get(FOUND));
  }

  private <T> Future<@Nullable T> work(Callable<T> task) {
    return workers.executeBlocking(task, false);
  }

  /** The body is here, too. */
  private void carryOut(RoutingContext context) {
    Match.Found found = found(context);
    if (found.route().authority() == Authority.LOGIN && context.get(CALLER) == null) {
      loginByForm(context, found);
      return;
    }
    Buffer parts = context.get(PARTS);
    Buffer body = parts == null ? context.body().buffer() : parts;
    Request request =
        new Request(
            context.request().method().name(),
            Objects.requireNonNull(context.<Caller>get(CALLER)),
            found.values(),
            first(context.queryParams()),
            context.request()::getHeader,
            first(context.request().formAttributes()),
            body == null ? Buffer.buffer() : body);
    work(() -> {
          replies.write(context, found.route().endpoint().answer(request), request.query());
          return true;
        })
        .onFailure(context::fail);
  }

  private void loginByForm(RoutingContext context, Match.Found found) {
    var form = context.request().formAttributes();
    String name = form.get("username");
    String password = form.get("password");
    Future<Caller> caller =
        name == null || password == null
            ? Future.failedFuture(ApiError.notAuthenticated())
            : login(context, new Credentials(name, password));
    caller
        .compose(known -> admit(context, found, known))
        .onSuccess(_ -> carryOut(context))
        .onFailure(context::fail);
  }

  private static Map<String, String> first(Iterable<Map.Entry<String, String>> entries) {
    Map<String, String> first = new HashMap<>();
    entries.forEach(entry -> first.putIfAbsent(entry.getKey(), entry.getValue()));
    return first;
  }

  private void failed(RoutingContext context) {
    replies.writeFailure(context, context.failure(), context.statusCode());
  }
}
