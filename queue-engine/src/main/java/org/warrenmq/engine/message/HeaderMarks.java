package org.warrenmq.engine.message;

/**
 * What the broker has to know of a message's headers and cannot see in them: anybody may send
 * headers that look the same. Immutable; almost every message has {@link #NONE}.
 *
 * @param died whether its x-death headers are the broker's own
 * @param rekeyed whether it was given another routing key since: the keys in CC, which stays, lead
 *     nowhere any more
 * @param blind whether it has a BCC header, which no client must see, for the keys in it
 */
public record HeaderMarks(boolean died, boolean rekeyed, boolean blind) {
  /** Of a message as it was published. */
  public static final HeaderMarks NONE = new HeaderMarks(false, false, false);

  private static final int DIED = 1;
  private static final int REKEYED = 2;
  private static final int BLIND = 4;

  /** As few bits, for who stores it. */
  public int bits() {
    return (died ? DIED : 0) | (rekeyed ? REKEYED : 0) | (blind ? BLIND : 0);
  }

  /** Out of these bits; others are not looked at. */
  public static HeaderMarks of(int bits) {
    int known = bits & (DIED | REKEYED | BLIND);
    return known == 0
        ? NONE
        : new HeaderMarks((known & DIED) != 0, (known & REKEYED) != 0, (known & BLIND) != 0);
  }
}
