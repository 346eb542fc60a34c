package org.warrenmq.router;

import java.util.Collection;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * One destination for each hash: changed by the topology room, read by event loops.
 *
 * <p>Every binding draws a number from its destination's name and the message's hash, and the best
 * one wins (rendezvous hashing). A number depends on nothing else, so a binding that comes wins
 * only its own share of the hashes and one that goes leaves only that to the others; the order of
 * bindings, restarts and other nodes change nothing, and a weight costs no memory. A message that
 * no cache knows pays for every binding.
 *
 * <p>Two bindings to one destination draw the same number: the heavier one counts.
 */
final class ConsistentHashMatcher implements Matcher {
  private final HashedPart hashed;
  private final Lots lots = new Lots();

  ConsistentHashMatcher(HashedPart hashed) {
    this.hashed = hashed;
  }

  @Override
  public void add(Binding binding) {
    lots.insert(Lot.of(binding));
  }

  @Override
  public void remove(Binding binding) {
    lots.delete(Lot.of(binding));
  }

  @Override
  public void removeAll(Destination destination, Collection<Binding> bindings) {
    lots.deleteIf(lot -> lot.binding.destination() == destination);
  }

  @Override
  public void match(String routingKey, MessageProperties properties, Sink sink) {
    Lot winner = lots.winner(StableHash.of(hashed.of(routingKey, properties)));
    if (winner != null) {
      sink.accept(winner.binding.destination());
    }
  }

  @Override
  public boolean keyOnly() {
    return hashed == HashedPart.RoutingKey.INSTANCE;
  }

  @Override
  public boolean firstKeyOnly() {
    return true;
  }

  /**
   * What a binding takes part with; the binding alone is its identity.
   *
   * @param place the hash of its destination
   */
  private record Lot(Binding binding, double weight, long place) {
    /** Numbers have the 53 bits that a double has. */
    private static final int UNUSED_BITS = 11;

    private static final double UNIT = 0x1.0p-53;

    static Lot of(Binding binding) {
      Destination destination = binding.destination();
      String kind = destination instanceof Exchange ? "x:" : "q:";
      return new Lot(
          binding,
          ConsistentHashType.weight(binding.routingKey()),
          StableHash.of(kind + destination.name()));
    }

    /** The number it draws for a message. */
    long draw(long hash) {
      return StableHash.of(hash, place) >>> UNUSED_BITS;
    }

    /** Whether it wins by its number; among equal weights the higher number does. */
    boolean beats(long drawn, Lot other, long otherDrawn) {
      return weight == other.weight ? drawn > otherDrawn : delay(drawn) < other.delay(otherDrawn);
    }

    /**
     * The number as a time to wait: distributed exponentially, by which each is first in proportion
     * to its weight. Strict arithmetic, since nodes on different machines must agree.
     */
    private double delay(long drawn) {
      return -StrictMath.log((drawn + 0.5) * UNIT) / weight;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Lot that && binding.equals(that.binding);
    }

    @Override
    public int hashCode() {
      return binding.hashCode();
    }
  }

  private static final class Lots extends SlotTable<Lot> {
    @Nullable Lot winner(long hash) {
      AtomicReferenceArray<@Nullable Object> table = slots();
      Lot winner = null;
      long best = 0;
      for (int i = 0; i < table.length(); i++) {
        if (table.getAcquire(i) instanceof Lot lot) {
          long drawn = lot.draw(hash);
          if (winner == null || lot.beats(drawn, winner, best)) {
            winner = lot;
            best = drawn;
          }
        }
      }
      return winner;
    }
  }
}
