package org.warrenmq.broker;

import ch.qos.logback.classic.pattern.MessageConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;

/** A log line's message, on one line whatever is in it. Part of the log's configuration. */
public final class LoggedMessage extends MessageConverter {
  @Override
  public String convert(ILoggingEvent event) {
    return LogText.escaped(String.valueOf(super.convert(event)));
  }
}
