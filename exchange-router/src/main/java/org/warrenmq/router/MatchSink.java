package org.warrenmq.router;

/**
 * Receives the destinations a {@link Matcher} finds, on the event loop that routes. The same
 * destination may be reported several times: the router keeps one.
 */
@FunctionalInterface
public interface MatchSink {
  void accept(Destination destination);
}
