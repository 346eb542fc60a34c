package org.warrenmq.broker.cli;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The verbs that wait for the node to start or to end, and that end it. Stateless. */
final class PowerVerbs {
  private static final long START_SECONDS = 300;
  private static final long STOP_SECONDS = 60;
  private static final long MILLIS_BETWEEN = 100;

  private PowerVerbs() {}

  static List<Verb> all() {
    return List.of(
        Verb.of("ping", "Fails if the broker does not answer")
            .saying(
                call ->
                    ("Will ping %s. This only checks if the OS process is running and registered"
                            + " with epmd. Timeout: %d ms.")
                        .formatted(call.knownNode(), call.timeout(STOP_SECONDS) * 1000))
            .does(PowerVerbs::ping),
        Verb.of("await_startup", "Waits until the broker runs").does(PowerVerbs::awaitStartup),
        Verb.of(
                "await_online_nodes",
                "Waits until so many nodes run, of which there is one",
                "<count>")
            .saying(
                call ->
                    ("Will wait for at least %s nodes to join the cluster of %s. Timeout: %d"
                            + " seconds.")
                        .formatted(call.given(0), call.knownNode(), call.timeout(START_SECONDS)))
            .does(PowerVerbs::awaitNodes),
        Verb.of("wait", "Waits until the broker of a process runs", "[<pidfile>]")
            .with(Flag.PID)
            .does(PowerVerbs::waitFor),
        Verb.of("stop", "Ends the broker, in order", "[<pidfile>]")
            .says("Stopping and halting node {node} ...")
            .does(
                call -> {
                  stop(call, processOf(call));
                  return new Answer.Nothing();
                }),
        Verb.of("shutdown", "Ends the broker, in order, and waits for its end")
            .does(PowerVerbs::shutdown));
  }

  private static Answer ping(Call call) throws Refused {
    try {
      call.node();
    } catch (IOException e) {
      throw Refused.error(
          Refused.UNAVAILABLE,
          "Failed to connect and authenticate to %s in %d ms"
              .formatted(call.knownNode(), call.timeout(STOP_SECONDS) * 1000));
    }
    return new Answer.Text("Ping succeeded");
  }

  private static Answer awaitStartup(Call call) throws Refused {
    long until = System.nanoTime() + call.timeout(START_SECONDS) * 1_000_000_000L;
    if (answers(call, until, null)) {
      return new Answer.Nothing();
    }
    throw Place.unreachable(
        call.knownNode(), "it has not started within " + call.timeout(START_SECONDS) + " s");
  }

  /** Whether it answers before that time, and before the end of a process. */
  private static boolean answers(Call call, long until, @Nullable ProcessHandle process)
      throws Refused {
    while (true) {
      try {
        call.node();
        return true;
      } catch (IOException e) {
        if (System.nanoTime() > until || (process != null && !process.isAlive())) {
          return false;
        }
        pause();
      }
    }
  }

  private static void pause() throws Refused {
    try {
      Thread.sleep(MILLIS_BETWEEN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw Refused.plainly(Refused.SOFTWARE, "Error: interrupted");
    }
  }

  private static Answer awaitNodes(Call call) throws IOException, Refused {
    long wanted;
    try {
      wanted = Long.parseLong(call.given(0));
    } catch (NumberFormatException e) {
      throw Refused.badArgument("Argument must be a positive integer");
    }
    awaitStartup(call);
    if (wanted > 1) {
      throw Refused.error(
          Refused.SOFTWARE,
          "Error: timed out while waiting. Not enough nodes joined %s's cluster."
              .formatted(call.node()));
    }
    return new Answer.Nothing();
  }

  private static Answer waitFor(Call call) throws Refused {
    long until = System.nanoTime() + call.timeout(START_SECONDS) * 1_000_000_000L;
    long pid = call.has(Flag.PID) ? number(call.value(Flag.PID, "")) : pidIn(call, until);
    call.tell(
        "Waiting for erlang distribution on node '%s' while OS process '%d' is running"
            .formatted(call.knownNode(), pid));
    Optional<ProcessHandle> process = ProcessHandle.of(pid);
    if (process.isEmpty()) {
      throw Refused.plainly(Refused.SOFTWARE, "Error: process is not running.");
    }
    if (!answers(call, until, process.get())) {
      throw Refused.plainly(
          Refused.SOFTWARE,
          process.get().isAlive() ? "Error: timeout" : "Error: process is not running.");
    }
    call.tell(
        "Waiting for applications 'rabbit_and_plugins' to start on node '%s'"
            .formatted(call.knownNode()));
    return new Answer.Text(
        "Applications 'rabbit_and_plugins' are running on node '%s'".formatted(call.knownNode()));
  }

  private static long number(String text) throws Refused {
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      throw Refused.plainly(Refused.SOFTWARE, "Error: garbage in pid file.");
    }
  }

  private static long pidIn(Call call, long until) throws Refused {
    if (call.count() == 0) {
      throw Refused.plainly(
          Refused.USAGE, "Error (argument validation): \"No pid or pidfile specified\"");
    }
    Path file = Path.of(call.given(0));
    call.tell("Waiting for pid file '" + file + "' to appear");
    while (!Files.exists(file)) {
      if (System.nanoTime() > until) {
        throw Refused.plainly(Refused.TIMEOUT, "Error: timeout");
      }
      pause();
    }
    try {
      return number(Files.readString(file));
    } catch (IOException e) {
      throw Refused.plainly(
          Refused.SOFTWARE, "Error: could not read pid. Detail: " + e.getMessage());
    }
  }

  // The end.

  private static long processOf(Call call) throws IOException, Refused {
    JsonObject node = NodeVerbs.node(call);
    return number(String.valueOf(node.getValue("os_pid")));
  }

  /** As SIGTERM does it. */
  private static void stop(Call call, long pid) throws Refused {
    ProcessHandle process = ProcessHandle.of(pid).orElse(null);
    if (process == null || !process.destroy()) {
      throw Refused.error(
          Refused.UNAVAILABLE, "process %d is not there, or not ours to end".formatted(pid));
    }
    long until = System.nanoTime() + call.timeout(STOP_SECONDS) * 1_000_000_000L;
    while (process.isAlive()) {
      if (System.nanoTime() > until) {
        throw Refused.error(Refused.TIMEOUT, "process %d has not ended in time".formatted(pid));
      }
      pause();
    }
  }

  private static Answer shutdown(Call call) throws IOException, Refused {
    long pid = processOf(call);
    String which = "RabbitMQ node %s running at PID %d".formatted(call.node(), pid);
    call.tell("Shutting down " + which);
    call.tell("Waiting for PID " + pid + " to terminate");
    stop(call, pid);
    return new Answer.Text(which + " successfully shut down");
  }
}
