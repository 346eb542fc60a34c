package org.warrenmq.conformance;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.LoggerFactory;

/**
 * Listens to the log of a broker in this process while it is open: keeps what no client may cause,
 * errors, leaks, and failures of a socket's handler that are none of the socket's. Filled by the
 * broker's threads. Meanwhile the broker's own lines go nowhere else, for they would be thousands.
 */
final class ErrorLog implements AutoCloseable {
  private final List<String> faults = new CopyOnWriteArrayList<>();
  private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
  private final Logger ours = (Logger) LoggerFactory.getLogger("org.warrenmq");
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          if (isFault(event)) {
            faults.add(describe(event));
          }
        }
      };

  private ErrorLog() {}

  static ErrorLog listen() {
    var log = new ErrorLog();
    log.appender.setContext(log.root.getLoggerContext());
    log.appender.start();
    log.root.addAppender(log.appender);
    log.ours.addAppender(log.appender);
    log.ours.setAdditive(false);
    log.ours.setLevel(Level.DEBUG);
    return log;
  }

  /** What was wrong so far, one line and the stack each. */
  List<String> faults() {
    return List.copyOf(faults);
  }

  private static boolean isFault(ILoggingEvent event) {
    if (event.getLevel().isGreaterOrEqual(Level.ERROR)) {
      return true;
    }
    // A fault of the code behind a socket may look like a failure of the socket.
    return event.getThrowableProxy() instanceof ThrowableProxy proxy
        && !(proxy.getThrowable() instanceof IOException);
  }

  private static String describe(ILoggingEvent event) {
    var text = new StringBuilder(event.getLoggerName() + ": " + event.getFormattedMessage());
    if (event.getThrowableProxy() instanceof ThrowableProxy proxy) {
      text.append(": ").append(proxy.getThrowable());
      for (StackTraceElement element : proxy.getThrowable().getStackTrace()) {
        text.append("\n    at ").append(element);
      }
    }
    return text.toString();
  }

  @Override
  public void close() {
    ours.setLevel(null);
    ours.setAdditive(true);
    ours.detachAppender(appender);
    root.detachAppender(appender);
    appender.stop();
  }
}
