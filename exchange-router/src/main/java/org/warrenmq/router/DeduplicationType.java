package org.warrenmq.router;

/**
 * The {@code x-message-deduplication} exchange type: every binding matches, and duplicates are
 * dropped before that, as in the plugin of that name; stateless.
 */
public final class DeduplicationType implements ExchangeType {
  @Override
  public String name() {
    return ExchangeSpec.DEDUPLICATING_TYPE;
  }

  @Override
  public Matcher newMatcher(ExchangeSpec spec) {
    return new FanoutMatcher();
  }
}
