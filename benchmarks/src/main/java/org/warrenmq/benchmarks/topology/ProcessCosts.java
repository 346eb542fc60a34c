package org.warrenmq.benchmarks.topology;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** What a process of this machine has used so far, as the system tells; any thread. */
record ProcessCosts(double cpuSeconds, double residentMegabytes) {
  /**
   * What a process has used; 0 where the system does not tell.
   *
   * @param pid 0 for none
   */
  static ProcessCosts of(long pid) throws IOException {
    double cpu =
        ProcessHandle.of(pid)
                .flatMap(process -> process.info().totalCpuDuration())
                .map(Duration::toMillis)
                .orElse(0L)
            / 1e3;
    return new ProcessCosts(cpu, resident(pid));
  }

  private static double resident(long pid) throws IOException {
    Path status = Path.of("/proc", Long.toString(pid), "status");
    if (!Files.exists(status)) {
      return 0;
    }
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToDouble(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1e3)
        .findFirst()
        .orElse(0);
  }
}
