package org.warrenmq.router;

/** The {@code fanout} exchange type: every binding matches; stateless. */
public final class FanoutType implements ExchangeType {
  @Override
  public String name() {
    return "fanout";
  }

  @Override
  public Matcher newMatcher(ExchangeSpec spec) {
    return new FanoutMatcher();
  }
}
