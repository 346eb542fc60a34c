package org.warrenmq.router;

/**
 * The {@code x-recent-history} exchange type: every binding matches, and who becomes bound gets the
 * messages that came last; stateless.
 */
public final class RecentHistoryType implements ExchangeType {
  @Override
  public String name() {
    return ExchangeSpec.HISTORY_TYPE;
  }

  @Override
  public Matcher newMatcher(ExchangeSpec spec) {
    return new FanoutMatcher();
  }
}
