package org.warrenmq.benchmarks.durable;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;

/**
 * The programs on a broker's durable paths, one command each; runs on the main thread. Exit code 0:
 * done and right; 1: could not be done; 2: wrong arguments; 3: done, and what came back is wrong.
 */
@Command(
    name = "durable",
    mixinStandardHelpOptions = true,
    description = "Fills, drains, declares and checks durable queues.",
    subcommands = {
      Fill.class,
      Drain.class,
      FillQueues.class,
      CheckQueues.class,
      DeclareQueues.class,
      PacedQueues.class,
      FillTimed.class,
      DrainTimed.class
    })
final class DurablePaths {
  private DurablePaths() {}

  public static void main(String[] arguments) {
    System.exit(execute(arguments));
  }

  /** Runs a program; its exit code. */
  static int execute(String... arguments) {
    IExecutionExceptionHandler failed =
        (failure, command, _) -> {
          command.getErr().println(command.getCommandName() + ": " + failure);
          return failure instanceof BrokenPromise
              ? BrokenPromise.EXIT_CODE
              : CommandLine.ExitCode.SOFTWARE;
        };
    CommandLine line = new CommandLine(new DurablePaths());
    return line.setExecutionExceptionHandler(failed).execute(arguments);
  }
}
