package org.warrenmq.engine.loop;

/** A loop's time; simulations turn it by hand. Any thread. */
public interface LoopClock {
  /** That of the machine. */
  LoopClock SYSTEM =
      new LoopClock() {
        @Override
        public long nanos() {
          return System.nanoTime() & Long.MAX_VALUE;
        }

        @Override
        public long millis() {
          return System.currentTimeMillis();
        }
      };

  /** Nanoseconds since some moment, never negative: for how long something takes. */
  long nanos();

  /** Milliseconds since 1970: for when something has to happen, also after a restart. */
  long millis();
}
