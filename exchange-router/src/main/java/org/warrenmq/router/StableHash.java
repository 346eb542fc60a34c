package org.warrenmq.router;

/**
 * Hashing that decides where messages go: the same in every process and on every node, unlike
 * {@link KeyHash}, and spread evenly also for texts that differ in one digit. Pure, any thread.
 */
final class StableHash {
  private StableHash() {}

  static long of(String text) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    return mix(hash);
  }

  /** One hash of two. */
  static long of(long one, long other) {
    return mix(one ^ other);
  }

  /** Every bit of the input changes about half of those of the output. */
  private static long mix(long hash) {
    long mixed = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }
}
