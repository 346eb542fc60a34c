package org.warrenmq.broker.alarms;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.broker.config.BrokerConfig;

/** How much is free on the disk of a folder, and how much of that should stay free. Any thread. */
public final class DiskSpace {
  private static final Logger log = LoggerFactory.getLogger(DiskSpace.class);

  private DiskSpace() {}

  /**
   * Bytes that are free where a folder is. A disk that does not tell is no reason to stop: its
   * errors are.
   */
  public static long free(Path folder) {
    try {
      return Files.getFileStore(folder).getUsableSpace();
    } catch (IOException e) {
      log.warn("free space of {} is not known: {}", folder, e.toString());
      return Long.MAX_VALUE;
    }
  }

  /** A limit as it was configured, in bytes. */
  public static long limit(BrokerConfig.DiskFreeLimit limit) {
    return switch (limit) {
      case BrokerConfig.DiskFreeLimit.Absolute(long bytes) -> bytes;
      case BrokerConfig.DiskFreeLimit.Relative(double share) ->
          ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
              ? (long) (system.getTotalMemorySize() * share)
              : 0;
    };
  }
}
