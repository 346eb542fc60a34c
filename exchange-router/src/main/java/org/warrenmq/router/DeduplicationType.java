package org.warrenmq.router;

/**
 * The {@code x-message-deduplication} exchange type: every binding matches, and duplicates are
 * dropped before that, as in the plugin of that name; stateless.
 */
public final class DeduplicationType implements ExchangeType {
  static final String NAME = "x-message-deduplication";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Matcher newMatcher(ExchangeSpec spec) {
    return new FanoutMatcher();
  }
}
