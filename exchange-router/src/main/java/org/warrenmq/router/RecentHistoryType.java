package org.warrenmq.router;

/**
 * The {@code x-recent-history} exchange type: every binding matches, and who becomes bound gets the
 * messages that came last; stateless.
 */
public final class RecentHistoryType implements ExchangeType {
  static final String NAME = "x-recent-history";

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Matcher newMatcher(ExchangeSpec spec) {
    return new FanoutMatcher();
  }
}
