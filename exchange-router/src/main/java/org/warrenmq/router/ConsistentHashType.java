package org.warrenmq.router;

import static org.warrenmq.codec.ReplyCode.PRECONDITION_FAILED;

import org.warrenmq.codec.ChannelError;

/**
 * The {@code x-consistent-hash} exchange type: what is hashed of a message chooses one destination,
 * by shares in proportion to the binding keys, which are weights; stateless.
 */
public final class ConsistentHashType implements ExchangeType {
  @Override
  public String name() {
    return "x-consistent-hash";
  }

  @Override
  public void validate(ExchangeSpec spec) throws ChannelError {
    HashedPart.of(spec);
  }

  @Override
  public void validateBinding(Binding binding) throws ChannelError {
    weight(binding.routingKey());
  }

  /**
   * The weight that a binding key stands for: any integer above 0. A key is short, so that the
   * largest one fits.
   */
  static double weight(String bindingKey) throws ChannelError {
    if (!isInteger(bindingKey)) {
      String shown = bindingKey.isEmpty() ? "<<>>" : "<<\"" + bindingKey + "\">>";
      throw new ChannelError(PRECONDITION_FAILED, "The binding key must be an integer: " + shown);
    }
    double weight = Double.parseDouble(bindingKey);
    if (weight < 1) {
      throw new ChannelError(PRECONDITION_FAILED, "The binding key must be greater than 0");
    }
    return weight;
  }

  private static boolean isInteger(String text) {
    int first = text.startsWith("+") || text.startsWith("-") ? 1 : 0;
    return first < text.length() && text.chars().skip(first).allMatch(c -> c >= '0' && c <= '9');
  }

  @Override
  public Matcher newMatcher(ExchangeSpec spec) {
    return new ConsistentHashMatcher(HashedPart.of(spec));
  }
}
