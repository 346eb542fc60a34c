package org.warrenmq.conformance.crash;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/**
 * What a power cut may leave of a file of which only the first part was synced: the rest may be
 * there in part, as zeros, or with pieces missing before others that are there. Immutable but for
 * its dice; on the test thread.
 *
 * @param full the file as the processes saw it
 * @param synced so much of it is certain
 */
record TornTail(byte[] full, int synced, SplittableRandom random) {
  private static final int PAGE = 4096;
  private static final int SECTOR = 512;

  /** So many of each kind that has dice. */
  private static final int EACH = 4;

  /**
   * One of them.
   *
   * @param what in words
   */
  record Left(String what, byte[] content) {}

  List<Left> all() {
    var left = new ArrayList<Left>();
    left.add(new Left("all of it", full));
    left.add(new Left("cut where synced", until(synced)));
    left.add(new Left("zeros from the synced end on", zeros(synced, full.length)));
    left.addAll(each("cut at", dice(synced, full.length), this::until));
    int page = up(synced, PAGE) / PAGE;
    int pages = up(full.length, PAGE) / PAGE;
    left.addAll(
        each("zeros from page", dice(page, pages), from -> zeros(from * PAGE, full.length)));
    left.addAll(
        each(
            "one page of zeros, page", dice(page, pages), at -> zeros(at * PAGE, (at + 1) * PAGE)));
    left.addAll(each("sectors missing, seed", dice(0, 1 << 20), this::sectorsMissing));
    return left;
  }

  private int[] dice(int from, int to) {
    return random.ints(EACH, from, to).toArray();
  }

  private static List<Left> each(String what, int[] dice, IntFunction<byte[]> content) {
    return IntStream.of(dice)
        .distinct()
        .mapToObj(die -> new Left(what + " " + die, content.apply(die)))
        .toList();
  }

  private byte[] until(int end) {
    return Arrays.copyOf(full, end);
  }

  private byte[] zeros(int from, int to) {
    byte[] content = full.clone();
    Arrays.fill(content, from, Math.min(to, full.length), (byte) 0);
    return content;
  }

  /** Every other one or so, beyond what was synced. */
  private byte[] sectorsMissing(int seed) {
    var which = new SplittableRandom(seed);
    byte[] content = full.clone();
    for (int at = up(synced, SECTOR); at < full.length; at += SECTOR) {
      if (which.nextBoolean()) {
        Arrays.fill(content, at, Math.min(at + SECTOR, full.length), (byte) 0);
      }
    }
    return content;
  }

  private static int up(int number, int unit) {
    return (number + unit - 1) / unit * unit;
  }
}
