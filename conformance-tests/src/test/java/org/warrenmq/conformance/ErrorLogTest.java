package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A check that never complains proves nothing: what the listener keeps, and what it passes over.
 */
@Execution(ExecutionMode.SAME_THREAD)
class ErrorLogTest {
  private final Logger ours = LoggerFactory.getLogger("org.warrenmq.conformance.sample");

  @Test
  void keepsErrorsLeaksAndHiddenFailures() {
    try (ErrorLog log = ErrorLog.listen()) {
      ours.error("a room failed");
      LoggerFactory.getLogger("io.netty.util.ResourceLeakDetector").error("LEAK: a sample");
      ours.debug("socket failed", new AssertionError("a fault of the code"));
      assertThat(log.faults())
          .satisfiesExactly(
              fault -> assertThat(fault).contains("a room failed"),
              fault -> assertThat(fault).contains("LEAK: a sample"),
              fault -> assertThat(fault).contains("a fault of the code"));
    }
  }

  @Test
  void passesOverWhatClientsMayCause() {
    try (ErrorLog log = ErrorLog.listen()) {
      ours.warn("missed heartbeats");
      ours.info("refused");
      ours.debug("socket failed", new IOException("connection reset"));
      assertThat(log.faults()).isEmpty();
    }
  }
}
