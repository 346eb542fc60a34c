package org.warrenmq.conformance.chaos;

import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.warrenmq.admin.local.LocalApi;
import org.warrenmq.conformance.BrokerProcess;

/**
 * Compares what lives on a broker's heap with what the broker says it holds for clients; for one
 * thread. What is unaccounted for could fill the heap without an alarm.
 */
final class HeapWatch {
  private static final Pattern HELD = Pattern.compile("\"held\":(\\d+)");
  private static final int CLASSES = 30;

  private final BrokerProcess broker;
  private final Path dataFolder;
  private final long limit;
  private final Faults faults;

  /** What lives without clients. */
  private final long idle;

  private long largest;

  /**
   * @param limit octets that may be unaccounted for
   */
  HeapWatch(BrokerProcess broker, Path dataFolder, long limit, Faults faults) throws Exception {
    this.broker = broker;
    this.dataFolder = dataFolder;
    this.limit = limit;
    this.faults = faults;
    this.idle = broker.liveSet();
  }

  /** Octets that the broker holds for clients, as it says. */
  long held() throws IOException {
    LocalApi.Answer answer = new LocalApi(dataFolder).get("/warren/memory");
    Matcher held = HELD.matcher(answer.body());
    if (!held.find()) {
      throw new IOException("no number of bytes: " + answer);
    }
    return Long.parseLong(held.group(1));
  }

  /** Looks once more when it seems too much: the two numbers are not of one instant. */
  void sample() throws Exception {
    long unaccounted = unaccounted();
    if (unaccounted > limit) {
      unaccounted = Math.min(unaccounted, unaccounted());
    }
    largest = Math.max(largest, unaccounted);
    if (unaccounted > limit) {
      faults.add(
          "%d kB of the heap are unaccounted for, %d kB are held, %d kB live when idle%n%s",
          unaccounted >> 10,
          held() >> 10,
          idle >> 10,
          broker.histogram().lines().limit(CLASSES).collect(Collectors.joining("\n")));
    }
  }

  private long unaccounted() throws Exception {
    long before = held();
    long live = broker.liveSet();
    return live - Math.max(before, held()) - idle;
  }

  /** The most that was unaccounted for, in octets. */
  long largest() {
    return largest;
  }
}
