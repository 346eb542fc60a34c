package org.warrenmq.broker;

import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.transport.Transport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.broker.sockets.Listening;
import org.warrenmq.broker.sockets.PatientTransport;
import org.warrenmq.broker.sockets.SelectorTransport;
import org.warrenmq.engine.loop.NodeFault;

/** Starts Vert.x the way we need it. At a start, on the node's main thread. */
final class EventLoops {
  private static final Logger log = LoggerFactory.getLogger(EventLoops.class);

  private EventLoops() {}

  /**
   * @param count how many there are
   * @param listening what is special about listening sockets
   */
  static Vertx start(int count, Listening listening) {
    VertxBuilder builder =
        Vertx.builder()
            .with(
                new VertxOptions()
                    .setPreferNativeTransport(true)
                    // Or each start makes a folder for files of the class path, which we never ask
                    // for, and a killed process leaves it there.
                    .setFileSystemOptions(
                        new FileSystemOptions()
                            .setFileCachingEnabled(false)
                            .setClassPathResolvingEnabled(false))
                    .setEventLoopPoolSize(count)
                    .setWorkerPoolSize(2)
                    .setInternalBlockingPoolSize(2));
    Vertx vertx = builder.withTransport(transport(listening)).build();
    // What fails in a context of Vert.x: there, sockets are accepted.
    vertx.exceptionHandler(NodeFault::report);
    return vertx;
  }

  private static Transport transport(Listening listening) {
    Transport patient = new PatientTransport(listening);
    if (!patient.available() && System.getProperty("os.name").equals("Linux")) {
      log.warn(
          "sockets are slower without epoll: {} ({})",
          "its library did not load, perhaps since java.io.tmpdir is mounted noexec",
          String.valueOf(patient.unavailabilityCause()));
    }
    return patient.available() ? patient : new SelectorTransport(listening);
  }
}
