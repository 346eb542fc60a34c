package org.warrenmq.conformance.power;

import java.io.BufferedReader;
import java.io.EOFException;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/**
 * Builds disks as power cuts during a logged time would have left them, one after the other and
 * never back in time. Used by the test thread.
 */
final class Replay implements AutoCloseable {
  private final Process program;
  private final BufferedReader answers;
  private final Writer questions;

  /** How many entries the log has. */
  final long entries;

  /** What is on the disk of what no flush had made certain. */
  enum How {
    NONE,
    ALL,
    PAGES,
    SECTORS,
    EARLY,
    LATE,
    JOURNAL
  }

  /**
   * A moment when the power goes, and what that leaves.
   *
   * @param entry of the log, before which it goes
   * @param seed of the dice about what is left
   */
  record Cut(long entry, How how, long seed) {

    static Cut at(long entry, SplittableRandom dice) {
      How how = How.values()[dice.nextInt(How.values().length)];
      return new Cut(entry, how, dice.nextInt(1 << 30));
    }

    /** So many in a part of a log, in order. */
    static List<Cut> some(int number, long from, long to, SplittableRandom dice) {
      return LongStream.generate(() -> dice.nextLong(from, Math.max(from + 1, to)))
          .limit(number)
          .sorted()
          .mapToObj(entry -> at(entry, dice))
          .toList();
    }
  }

  Replay(Workshop workshop, LoggedDisk disk) throws IOException {
    program =
        new ProcessBuilder(
                workshop.diskReplay.toString(), disk.base.toString(), disk.log.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    answers = program.inputReader();
    questions = program.outputWriter();
    entries = Long.parseLong(ask("index"));
  }

  private String ask(String question) throws IOException {
    questions.write(question + "\n");
    questions.flush();
    String answer = answers.readLine();
    if (answer == null) {
      throw new EOFException("no answer to " + question);
    }
    return answer;
  }

  /** The first entry of that time or later, or the last one. */
  long find(long nanoTime) throws IOException {
    return Math.min(Long.parseLong(ask("find " + nanoTime)), entries - 1);
  }

  /** By {@link System#nanoTime}. */
  long time(long entry) throws IOException {
    return Long.parseLong(ask("time " + entry));
  }

  /** Makes an image; says how many entries and octets were not certain. */
  String cut(Cut cut, Path image) throws IOException {
    String how = cut.how.name().toLowerCase(java.util.Locale.ROOT);
    String answer = ask("cut %d %s %d %s".formatted(cut.entry, how, cut.seed, image));
    if (!answer.matches("\\d+ \\d+")) {
      throw new IOException("the replay says " + answer);
    }
    return answer;
  }

  @Override
  public void close() {
    program.destroyForcibly();
  }
}
