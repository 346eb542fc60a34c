package org.warrenmq.router;

/**
 * The {@code x-modulus-hash} exchange type: the routing key's hash chooses one of the bindings,
 * whose own keys do not matter; stateless.
 */
public final class ModulusHashType implements ExchangeType {
  @Override
  public String name() {
    return "x-modulus-hash";
  }

  @Override
  public Matcher newMatcher(ExchangeSpec spec) {
    return new ModulusHashMatcher();
  }
}
