package org.warrenmq.broker;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.warrenmq.broker.config.StartupException;

/**
 * How the files are shared out that the process may have open: a connection is one as well, and the
 * store must always get the next one it needs. Immutable.
 *
 * @param tables table files that each of the store's two databases keeps open
 * @param connections at most, also by what they take of the heap
 * @param http connections to the HTTP API at most; and as many to its local socket
 */
record OpenFiles(int tables, int connections, int http) {
  /**
   * Neither connections nor tables: the JVM's own, epoll's, listeners, logs, manifests, and the
   * files that are being written, with a margin for sockets that wait to be closed.
   */
  private static final int OTHERS = 96;

  /** With fewer the broker is of no use. */
  private static final int LEAST = 160;

  /** What a connection takes of the heap, roughly, with a channel and a consumer. */
  private static final int CONNECTION_BYTES = 16 * 1024;

  private static final int MAX_HTTP = 200;
  private static final int MIN_TABLES = 20;
  private static final int MAX_TABLES = 4096;

  /** What holds for this process. */
  static OpenFiles here() throws StartupException {
    long limit =
        ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
            ? system.getMaxFileDescriptorCount()
            : Integer.MAX_VALUE;
    return within(limit, Runtime.getRuntime().maxMemory());
  }

  /**
   * Shares out.
   *
   * @param limit files that may be open
   * @param heap its largest size, in bytes
   * @throws StartupException when the limit is too low for anything
   */
  static OpenFiles within(long limit, long heap) throws StartupException {
    if (limit < LEAST) {
      throw new StartupException(
          "the process may open %d files only (ulimit -n); a broker needs %d, and one more for each connection beyond a few"
              .formatted(limit, LEAST));
    }
    int tables = (int) Math.clamp(limit / 8, MIN_TABLES, MAX_TABLES);
    long left = limit - 2L * tables - OTHERS;
    int http = (int) Math.clamp(left / 16, 4, MAX_HTTP);
    long connections = Math.min(left - 2L * http, heap / CONNECTION_BYTES);
    return new OpenFiles(tables, (int) Math.min(connections, Integer.MAX_VALUE), http);
  }
}
