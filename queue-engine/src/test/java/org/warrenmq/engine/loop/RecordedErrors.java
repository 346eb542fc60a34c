package org.warrenmq.engine.loop;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.BasicMDCAdapter;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * The errors logged in these tests, any thread, and the faults that would have ended a node; a test
 * that did not look here would take them for success.
 */
public final class RecordedErrors implements ILoggerFactory {
  private final List<Throwable> errors = new ArrayList<>();

  /** Those of the running JVM: the logging facade holds the only instance. */
  public static RecordedErrors instance() {
    return (RecordedErrors) LoggerFactory.getILoggerFactory();
  }

  /** What was logged since the last call. */
  public synchronized List<Throwable> drain() {
    List<Throwable> drained = List.copyOf(errors);
    errors.clear();
    return drained;
  }

  /** Fails with the first error logged since the last look, if there is one. */
  public void rethrow() {
    List<Throwable> drained = drain();
    if (!drained.isEmpty()) {
      throw new AssertionError("a room failed: " + drained.getFirst(), drained.getFirst());
    }
  }

  synchronized void add(Throwable error) {
    errors.add(error);
  }

  @Override
  public Logger getLogger(String name) {
    return new ErrorLogger(name, this);
  }

  /** Found by the logging facade as the only provider on the test class path. */
  public static final class Provider implements SLF4JServiceProvider {
    private final ILoggerFactory loggers = new RecordedErrors();
    private final IMarkerFactory markers = new BasicMarkerFactory();
    private final MDCAdapter context = new BasicMDCAdapter();

    @Override
    public ILoggerFactory getLoggerFactory() {
      return loggers;
    }

    @Override
    public IMarkerFactory getMarkerFactory() {
      return markers;
    }

    @Override
    public MDCAdapter getMDCAdapter() {
      return context;
    }

    @Override
    public String getRequestedApiVersion() {
      return "2.0";
    }

    @Override
    public void initialize() {}
  }

  private static final class ErrorLogger extends LegacyAbstractLogger {
    private static final long serialVersionUID = 1;

    private final transient RecordedErrors errors;

    ErrorLogger(String name, RecordedErrors errors) {
      this.name = name;
      this.errors = errors;
    }

    @Override
    public boolean isTraceEnabled() {
      return false;
    }

    @Override
    public boolean isDebugEnabled() {
      return false;
    }

    @Override
    public boolean isInfoEnabled() {
      return false;
    }

    @Override
    public boolean isWarnEnabled() {
      return false;
    }

    @Override
    public boolean isErrorEnabled() {
      return true;
    }

    @Override
    protected @Nullable String getFullyQualifiedCallerName() {
      return null;
    }

    @Override
    protected void handleNormalizedLoggingCall(
        Level level,
        @Nullable Marker marker,
        String pattern,
        Object @Nullable [] arguments,
        @Nullable Throwable cause) {
      String text = MessageFormatter.basicArrayFormat(pattern, arguments);
      errors.add(cause == null ? new AssertionError(text) : cause);
    }
  }
}
