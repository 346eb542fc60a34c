package org.warrenmq.conformance.power;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.warrenmq.conformance.BrokerProcess;
import org.warrenmq.conformance.BrokerProcess.Launch;

/**
 * What is wrong with the disks that cuts have left, over the rounds of a test. Used by the test
 * thread.
 */
final class PowerCheck {
  /** Folders that are kept for a look at them. */
  private static final int MOST_KEPT = 3;

  private static final int MOST_SHOWN = 12;

  private final List<String> wrong = new ArrayList<>();
  private final Path kept;
  private int rounds;
  private int bad;

  /**
   * For the rounds of one test.
   *
   * @param name of the test, for what is kept of bad rounds
   */
  PowerCheck(String name) {
    this.kept = Path.of("target", "power", name).toAbsolutePath();
  }

  /** What a broker does not keep of what was answered. */
  interface Claims {
    List<String> brokenBy(BrokerProcess broker) throws Exception;
  }

  /** Starts a broker on what is left of a folder, and looks at all it holds. */
  void look(String which, Launch launch, Claims claims) throws Exception {
    var found = new ArrayList<String>();
    BrokerProcess broker = BrokerProcess.launch(launch);
    boolean started = false;
    try {
      broker.awaitPort();
      started = true;
      found.addAll(claims.brokenBy(broker));
      found.addAll(broker.errors());
    } catch (IllegalStateException refused) {
      found.add("REFUSED " + refused.getMessage());
    } finally {
      broker.kill();
    }
    if (started) {
      try {
        Shell.run(BrokerProcess.script(), "verify", "--data", launch.dataDir());
      } catch (IOException unsound) {
        found.add(unsound.getMessage());
      }
    }
    note(which, launch.dataDir(), found);
  }

  private void note(String which, Path data, List<String> found) throws Exception {
    rounds++;
    if (found.isEmpty()) {
      return;
    }
    if (bad++ < MOST_KEPT) {
      Path to = kept.resolve(Integer.toString(bad));
      Shell.run("rm", "-rf", to);
      Shell.run("mkdir", "-p", to);
      Shell.run("cp", "-a", data, to);
      which += ", kept in " + to;
    }
    for (String what : found) {
      System.out.println("WRONG after " + which + ": " + what);
      wrong.add(which + ": " + what);
    }
  }

  /** Whether a broker has lost something that it had confirmed. */
  boolean hasLoss() {
    return wrong.stream().anyMatch(what -> what.contains("has lost"));
  }

  int rounds() {
    return rounds;
  }

  int bad() {
    return bad;
  }

  /** What was wrong; all of it has been printed. */
  List<String> wrong() {
    return wrong.stream().limit(MOST_SHOWN).toList();
  }
}
