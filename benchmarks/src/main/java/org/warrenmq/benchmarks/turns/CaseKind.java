package org.warrenmq.benchmarks.turns;

import com.rabbitmq.client.ConnectionFactory;
import java.util.Locale;

/** The cases there are, by the names of their lines; any thread. */
enum CaseKind {
  FANOUT((factory, _) -> new FanOut(factory)),
  REQUEUE(Requeue::new),
  PURGE(Purge::new),
  GET_NACK((factory, _) -> new GetNack(factory)),
  CONSUMERS((factory, _) -> new Consumers(factory)),
  TOPICS((factory, _) -> new Topics(factory)),
  TRANSACTION((factory, _) -> new Transactions(factory));

  private final Maker maker;

  CaseKind(Maker maker) {
    this.maker = maker;
  }

  /** Makes a case for the broker that the factory leads to, with so many messages in a queue. */
  @FunctionalInterface
  private interface Maker {
    Case make(ConnectionFactory factory, int messages) throws Exception;
  }

  Case make(ConnectionFactory factory, int messages) throws Exception {
    return maker.make(factory, messages);
  }

  /** As in the name of the line, which is how picocli takes it too. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
