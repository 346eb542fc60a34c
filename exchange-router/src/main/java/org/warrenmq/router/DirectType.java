package org.warrenmq.router;

/** The {@code direct} exchange type: the routing key equals the binding key; stateless. */
public final class DirectType implements ExchangeType {
  @Override
  public String name() {
    return "direct";
  }

  @Override
  public Matcher newMatcher(ExchangeSpec spec) {
    return new DirectMatcher();
  }
}
