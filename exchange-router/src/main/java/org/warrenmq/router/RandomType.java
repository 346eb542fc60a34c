package org.warrenmq.router;

/**
 * The {@code x-random} exchange type: chance chooses one of the bindings for each message, whatever
 * their keys; stateless.
 */
public final class RandomType implements ExchangeType {
  @Override
  public String name() {
    return "x-random";
  }

  @Override
  public Matcher newMatcher(ExchangeSpec spec) {
    return new RandomMatcher();
  }
}
