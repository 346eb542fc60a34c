package org.warrenmq.broker;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.EventArgUtil;
import ch.qos.logback.classic.turbo.TurboFilter;
import ch.qos.logback.core.spi.FilterReply;
import org.jspecify.annotations.Nullable;
import org.slf4j.Marker;
import org.warrenmq.engine.loop.NodeFault;

/**
 * Sees what others keep to themselves: where Netty's own code fails on an event loop, it writes
 * that to the log and goes on. An {@link Error} among it ends the node like any other. Part of the
 * log's configuration; any thread.
 */
public final class LoggedErrors extends TurboFilter {
  @Override
  public FilterReply decide(
      @Nullable Marker marker,
      Logger logger,
      Level level,
      @Nullable String format,
      Object @Nullable [] arguments,
      @Nullable Throwable thrown) {
    if (level.isGreaterOrEqual(Level.WARN)) {
      Throwable seen = thrown == null ? EventArgUtil.extractThrowable(arguments) : thrown;
      // A native library that is not there has a substitute, and is only mentioned.
      if (seen instanceof Error && !(seen instanceof LinkageError)) {
        NodeFault.report(seen);
      }
    }
    return FilterReply.NEUTRAL;
  }
}
