package org.warrenmq.engine.exchange;

/**
 * Where a delayed message stands in the order in which they leave; immutable.
 *
 * @param due when it leaves, in milliseconds since 1970, not negative
 * @param id its number among those of its exchange, from 1, growing and never used again
 */
public record Place(long due, long id) implements Comparable<Place> {
  /** Before all. */
  public static final Place FIRST = new Place(0, 0);

  /** Behind all. */
  static final Place END = new Place(Long.MAX_VALUE, Long.MAX_VALUE);

  boolean isBefore(Place other) {
    return compareTo(other) < 0;
  }

  /** The next one that there may be. */
  public Place next() {
    return new Place(due, id + 1);
  }

  @Override
  public int compareTo(Place other) {
    int byTime = Long.compare(due, other.due);
    return byTime != 0 ? byTime : Long.compare(id, other.id);
  }
}
