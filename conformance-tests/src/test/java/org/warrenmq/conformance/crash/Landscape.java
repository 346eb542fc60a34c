package org.warrenmq.conformance.crash;

import com.rabbitmq.client.Channel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The durable queues, exchanges and bindings that the load works on all the time. Stateless. */
final class Landscape {
  /** Nobody takes from these but the survey after a start. */
  static final List<String> KEPT = List.of("kept.0", "kept.1", "kept.2", "kept.3");

  static final List<String> WORK = List.of("work.0", "work.1", "work.2");

  /** The one of those that has two consumers. */
  static final String SHARED = "work.0";

  static final String GOT = "got";
  static final String AUTO_GOT = "got.auto";
  static final String PURGED = "purged";

  /** Nobody asks for confirms here. */
  static final String UNCONFIRMED = "unconfirmed";

  static final String TX_IN = "tx.in";
  static final List<String> TX_OUT = List.of("tx.out.0", "tx.out.1", "tx.out.2");

  private static final String FANOUT = "crash.fanout";
  private static final String TOPIC = "crash.topic";
  private static final String SOURCE = "crash.source";

  private Landscape() {}

  /** Where a publish goes, and which queues it reaches. */
  record Route(String exchange, String key, List<String> queues) {}

  static List<String> queues() {
    return Stream.of(KEPT, WORK, List.of(GOT, AUTO_GOT, PURGED, UNCONFIRMED, TX_IN), TX_OUT)
        .flatMap(List::stream)
        .toList();
  }

  /** Everything that publishers with confirms choose from. */
  static List<Route> routes() {
    var routes = new ArrayList<Route>();
    Stream.of(KEPT, WORK, WORK, List.of(GOT, AUTO_GOT))
        .flatMap(List::stream)
        .forEach(queue -> routes.add(toQueue(queue)));
    List<String> all = List.of("kept.0", "kept.1", "work.0", GOT);
    routes.add(new Route(FANOUT, "", all));
    routes.add(new Route(SOURCE, "on", all));
    routes.add(new Route(TOPIC, "a.c", List.of("kept.2", "work.1")));
    routes.add(new Route(TOPIC, "x.b", List.of("kept.3", "work.2")));
    routes.add(new Route(TOPIC, "a.b", List.of("kept.2", "work.1", "kept.3", "work.2")));
    return routes;
  }

  static Route toQueue(String queue) {
    return new Route("", queue, List.of(queue));
  }

  static void declare(Channel channel) throws IOException {
    for (String queue : queues()) {
      channel.queueDeclare(queue, true, false, false, null);
    }
    channel.exchangeDeclare(FANOUT, "fanout", true);
    channel.exchangeDeclare(TOPIC, "topic", true);
    channel.exchangeDeclare(SOURCE, "direct", true);
    channel.exchangeBind(FANOUT, SOURCE, "on");
    for (String queue : List.of("kept.0", "kept.1", "work.0", GOT)) {
      channel.queueBind(queue, FANOUT, "");
    }
    for (String queue : List.of("kept.2", "work.1")) {
      channel.queueBind(queue, TOPIC, "a.#");
    }
    for (String queue : List.of("kept.3", "work.2")) {
      channel.queueBind(queue, TOPIC, "*.b");
    }
  }
}
