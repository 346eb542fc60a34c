package org.warrenmq.conformance.crash;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Makes the body of a message from its id alone, so that nobody need keep it to know it again;
 * immutable, for any thread.
 *
 * @param seed of all bodies of a run
 * @param profile how large they are
 */
record Bodies(long seed, Profile profile) {
  private static final int INLINE_LIMIT = 1 << 16;

  /** Beyond a mebibyte a body is stored by itself, in pieces. */
  private static final int MOST = 3 << 20;

  enum Profile {
    /** Mostly small, now and then up to 3 MiB. */
    MIXED,
    /** About 60 KiB each: to fill a disk. */
    LARGE
  }

  byte[] of(long id) {
    var random = new SplittableRandom(seed ^ (id * 0x9E3779B97F4A7C15L));
    var body = new byte[size(random)];
    random.nextBytes(body);
    return body;
  }

  boolean isIntact(long id, byte[] body) {
    return Arrays.equals(of(id), body);
  }

  private int size(SplittableRandom random) {
    if (profile == Profile.LARGE) {
      return random.nextInt(INLINE_LIMIT - 8192, INLINE_LIMIT);
    }
    int dice = random.nextInt(1000);
    if (dice < 50) {
      return 0;
    } else if (dice < 850) {
      return random.nextInt(1, 512);
    } else if (dice < 970) {
      return random.nextInt(512, 8192);
    } else if (dice < 992) {
      return random.nextInt(8192, INLINE_LIMIT);
    } else if (dice < 998) {
      return random.nextInt(INLINE_LIMIT - 2, INLINE_LIMIT + 100_000);
    }
    return random.nextInt(MOST / 6, MOST + 1);
  }
}
