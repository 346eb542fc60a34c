package org.warrenmq.broker.audit;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.Duration;
import ch.qos.logback.core.util.FileSize;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import org.warrenmq.broker.config.AuditConfig;

/**
 * Lines of JSON in a file that is followed by another when it is full: so many are kept. Any thread
 * tells it something, and none waits for the disk: a thread of its own writes, and what comes while
 * {@value #WAITING} lines wait is lost.
 */
public final class AuditLog implements AutoCloseable {
  private static final int WAITING = 8192;
  private static final int CLOSE_MILLIS = 2000;
  private static final String NAME = "audit";

  /** Of its own, so that no configuration of the log changes it. */
  private final LoggerContext context = new LoggerContext();

  private final Logger lines = context.getLogger(NAME);

  /**
   * @param dataDir where the file is if it is to be nowhere else
   */
  public AuditLog(AuditConfig config, Path dataDir) {
    context.setMDCAdapter(new LogbackMDCAdapter());
    context.start();
    Path file = (config.folder() == null ? dataDir : config.folder()).resolve("audit.log");
    RollingFileAppender<ILoggingEvent> writer = new RollingFileAppender<>();
    writer.setContext(context);
    writer.setFile(file.toString());
    FixedWindowRollingPolicy names = new FixedWindowRollingPolicy();
    names.setContext(context);
    names.setParent(writer);
    names.setFileNamePattern(file.resolveSibling("audit.%i.log").toString());
    names.setMinIndex(1);
    names.setMaxIndex(config.files());
    names.start();
    SizeBasedTriggeringPolicy<ILoggingEvent> full = new SizeBasedTriggeringPolicy<>();
    full.setContext(context);
    full.setCheckIncrement(Duration.buildByMilliseconds(0));
    full.setMaxFileSize(new FileSize(config.fileSize()));
    full.start();
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern("%msg%n");
    encoder.start();
    writer.setEncoder(encoder);
    writer.setRollingPolicy(names);
    writer.setTriggeringPolicy(full);
    writer.start();
    AsyncAppender queue = new AsyncAppender();
    queue.setContext(context);
    queue.setQueueSize(WAITING);
    queue.setDiscardingThreshold(0);
    queue.setNeverBlock(true);
    queue.setMaxFlushTime(CLOSE_MILLIS);
    queue.addAppender(writer);
    queue.start();
    lines.setLevel(Level.INFO);
    lines.addAppender(queue);
  }

  /**
   * Something has happened.
   *
   * @param what in two words
   * @param details none of them secret
   */
  void record(String what, Map<String, Object> details) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("time", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
    line.put("event", what);
    line.putAll(details);
    lines.info(new JsonObject(line).encode());
  }

  /** What was told by now is written, as far as two seconds suffice. */
  @Override
  public void close() {
    context.stop();
  }
}
