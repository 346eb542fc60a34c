package org.warrenmq.router;

/** The {@code topic} exchange type: binding keys are patterns of words; stateless. */
public final class TopicType implements ExchangeType {
  @Override
  public String name() {
    return "topic";
  }

  @Override
  public Matcher newMatcher(ExchangeSpec spec) {
    return new TopicMatcher();
  }
}
