package org.warrenmq.benchmarks.durable;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * How far a piece of work has come: client threads advance it, the main thread waits for it, and
 * gives up when it stands still for longer than its patience.
 */
final class Progress {
  private final String what;
  private final long patienceNanos;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private long done;
  private @Nullable Exception failure;

  Progress(String what, long patienceSeconds) {
    this.what = what;
    this.patienceNanos = TimeUnit.SECONDS.toNanos(patienceSeconds);
  }

  void advanceTo(long value) {
    lock.lock();
    try {
      done = Math.max(done, value);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The first failure counts; whoever waits throws it. */
  void fail(Exception problem) {
    lock.lock();
    try {
      if (failure == null) {
        failure = problem;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  long done() {
    lock.lock();
    try {
      return done;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until so much is done. */
  void awaitAtLeast(long goal) throws BrokenPromise, InterruptedException {
    lock.lock();
    try {
      long seen = done;
      long left = patienceNanos;
      while (failure == null && done < goal) {
        if (done > seen) {
          seen = done;
          left = patienceNanos;
        }
        if (left <= 0) {
          throw new IllegalStateException(
              "%s: %,d of %,d, and no more for %d s"
                  .formatted(what, done, goal, TimeUnit.NANOSECONDS.toSeconds(patienceNanos)));
        }
        left = changed.awaitNanos(left);
      }
      rethrow();
    } finally {
      lock.unlock();
    }
  }

  /** Lets the time pass, unless something fails. */
  void pause(long nanos) throws BrokenPromise, InterruptedException {
    lock.lock();
    try {
      for (long left = nanos; failure == null && left > 0; ) {
        left = changed.awaitNanos(left);
      }
      rethrow();
    } finally {
      lock.unlock();
    }
  }

  private void rethrow() throws BrokenPromise {
    switch (failure) {
      case null -> {}
      case BrokenPromise broken -> throw broken;
      case Exception other -> throw new IllegalStateException(what + ": " + other, other);
    }
  }
}
