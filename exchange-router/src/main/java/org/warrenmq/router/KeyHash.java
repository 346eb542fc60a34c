package org.warrenmq.router;

import java.security.SecureRandom;

/** Hashing of routing keys and their words for any thread; pure. */
final class KeyHash {
  /** Secret and fixed for the life of the process, so that nobody can prepare colliding words. */
  private static final int SEED = new SecureRandom().nextInt();

  private KeyHash() {}

  /** The hash of the characters in {@code [from, to)}, without making a string of them. */
  static int of(String text, int from, int to) {
    int hash = SEED;
    for (int i = from; i < to; i++) {
      hash = (hash ^ text.charAt(i)) * 0x01000193;
      hash ^= hash >>> 15;
    }
    return finish(hash);
  }

  /** The hash of a number. */
  static int of(long number) {
    long mixed = (number ^ SEED) * 0x9E3779B97F4A7C15L;
    return finish((int) (mixed >>> 32) ^ SEED);
  }

  private static int finish(int hash) {
    int mixed = hash * 0x85EBCA6B;
    return mixed ^ (mixed >>> 16);
  }
}
