package org.example;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.ReplyCode;
import org.warrenmq.router.Binding;
import org.warrenmq.router.ExchangeSpec;
import org.warrenmq.router.ExchangeType;
import org.warrenmq.router.Matcher;
import org.warrenmq.router.MessageProperties;

/** Exchanges of type {@code x-prefix}: a binding takes the keys that begin with its own. */
public final class PrefixType implements ExchangeType {
  @Override
  public String name() {
    return "x-prefix";
  }

  @Override
  public void validateBinding(Binding binding) {
    if (binding.routingKey().isEmpty()) {
      throw new ChannelError(ReplyCode.PRECONDITION_FAILED, "a prefix must not be empty");
    }
  }

  @Override
  public Matcher newMatcher(ExchangeSpec spec) {
    return new PrefixMatcher();
  }

  /** Changed by one thread while others match: hence the concurrent set. */
  private static final class PrefixMatcher implements Matcher {
    private final Set<Binding> bindings = ConcurrentHashMap.newKeySet();

    @Override
    public void add(Binding binding) {
      bindings.add(binding);
    }

    @Override
    public void remove(Binding binding) {
      bindings.remove(binding);
    }

    @Override
    public void match(String routingKey, MessageProperties properties, Sink sink) {
      for (Binding binding : bindings) {
        if (routingKey.startsWith(binding.routingKey())) {
          sink.accept(binding.destination());
        }
      }
    }

    /** Nothing but the key counts, so results may be remembered. */
    @Override
    public boolean keyOnly() {
      return true;
    }
  }
}
