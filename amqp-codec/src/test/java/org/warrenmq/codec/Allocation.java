package org.warrenmq.codec;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Octets of heap the calling thread has allocated. */
final class Allocation {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private Allocation() {}

  static long soFar() {
    return THREADS.getCurrentThreadAllocatedBytes();
  }
}
