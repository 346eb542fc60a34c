package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import org.warrenmq.engine.queue.ModelContents.Dying;
import org.warrenmq.engine.queue.ModelContents.Entry;
import org.warrenmq.engine.queue.QueueCommand.Sojourns;
import org.warrenmq.store.SettleReason;

/**
 * Holds a {@link QueueLife} against the {@link QueueModel}, and against what was written of it:
 * after each step the sums and every message that something happened to, now and then all of them.
 * On the test's thread.
 */
final class QueueComparison {
  private static final SettleReason[] REASONS = SettleReason.values();

  /** After so many steps all messages are looked at. */
  private static final int STEPS_TO_ALL = 100;

  private final QueueModel model;

  /** By level. */
  private final NavigableMap<Integer, WrittenQueue> written;

  /** What had become of the model's messages when this life began. */
  private final Map<SettleReason, Long> leftBefore = new EnumMap<>(SettleReason.class);

  private long purgedBefore;

  private int steps;

  QueueComparison(QueueModel model, NavigableMap<Integer, WrittenQueue> written) {
    this.model = model;
    this.written = written;
  }

  /** Another life begins: the queue counts from there on. */
  void begin() {
    for (SettleReason reason : REASONS) {
      leftBefore.put(reason, model.contents.left(reason));
    }
    purgedBefore = model.contents.purged;
  }

  void verify(QueueLife life) {
    verifyConservation(life);
    verifySums(life);
    verifyDeaths(life);
    verifyAges(life);
    life.journals.forEach((level, journal) -> written(level).apply(journal));
    boolean all = ++steps % STEPS_TO_ALL == 0;
    if (all) {
      verifyAll(life);
    } else {
      verifyChanged(life);
    }
    life.logs.forEach(this::verifyWritten);
  }

  /**
   * No message is lost, and none comes of nothing: published = settled + dead + dropped + purged +
   * present; to the queue since its life began, and to the model since ever.
   */
  private void verifyConservation(QueueLife life) {
    QueueCounts counts = life.dispatcher.counts();
    ModelContents contents = model.contents;
    long left = counts.purgedCount();
    long leftModel = contents.purged;
    require("purged", left, leftModel - purgedBefore);
    for (SettleReason reason : REASONS) {
      long count = counts.leftCount(reason);
      require("left", count, contents.left(reason) - leftBefore.getOrDefault(reason, 0L));
      left += count;
      leftModel += contents.left(reason);
    }
    require("published", life.restored + counts.appendedCount(), left + life.present());
    require("published to the model", contents.published, leftModel + contents.present.size());
    require("present", life.present(), contents.present.size());
  }

  private void verifySums(QueueLife life) {
    require("ready", life.dispatcher.readyCount(), model.contents.ready.size());
    require("octets", life.dispatcher.lanes().readyBytes(), model.contents.readyBytes());
    require("consumers", life.dispatcher.consumerCount(), model.consumers.size());
    life.logs.forEach(
        (level, log) -> require("next", log.next(), model.next.getOrDefault(level, 0L)));
  }

  /** Plain conditions: they run after every step. */
  private static void require(String what, long is, long shouldBe) {
    if (is != shouldBe) {
      throw new AssertionError("%s: %d, not %d".formatted(what, is, shouldBe));
    }
  }

  private void verifyDeaths(QueueLife life) {
    List<String> sent = life.letters.takeSent();
    if (!sent.equals(model.deaths)) {
      assertThat(sent).as("deaths").containsExactlyInAnyOrderElementsOf(model.deaths);
    }
    model.deaths.clear();
  }

  /** None counts as younger than it is, or as older by more than is said. */
  private void verifyAges(QueueLife life) {
    long oldest = model.contents.oldest();
    assertThat(life.dispatcher.oldest())
        .as("time of the oldest")
        .isBetween(oldest == Long.MAX_VALUE ? oldest : oldest - LogSegment.COARSE, oldest);
    if (life.watched) {
      Sojourns sojourns = Objects.requireNonNull(life.dispatcher.counts().sojourns()).now();
      List<Long> inModel = model.contents.sojourns;
      require("known sojourns", sojourns.count(), inModel.size());
      long longest = inModel.stream().mapToLong(millis -> millis).max().orElse(0);
      assertThat((double) sojourns.max())
          .as("the longest")
          .isBetween(0.99 * longest, 1.01 * (longest + LogSegment.COARSE));
    }
  }

  private void verifyChanged(QueueLife life) {
    model.contents.takeChanged().forEach(position -> verify(life, position));
    written.forEach(
        (level, disk) -> disk.takeChanged().forEach(at -> verify(life, Lanes.position(level, at))));
  }

  private void verifyAll(QueueLife life) {
    Set<Long> unused = model.contents.takeChanged();
    unused.clear();
    written.values().forEach(disk -> disk.takeChanged().clear());
    life.logs.forEach(
        (level, log) -> {
          long[] live = log.livePositions();
          long[] positions = Arrays.stream(live).map(at -> Lanes.position(level, at)).toArray();
          assertThat(positions)
              .as("positions of %s", level)
              .isEqualTo(
                  ofLevel(model.contents.present, level).keySet().stream()
                      .mapToLong(Long::longValue)
                      .toArray());
        });
    model.contents.present.keySet().forEach(position -> verify(life, position));
  }

  /** One message, there or not, in the log, in the model, and as written. */
  @SuppressWarnings("ReferenceEquality") // the very message is meant
  private void verify(QueueLife life, long position) {
    int level = (int) (position >>> 56);
    long at = Lanes.inLane(position);
    QueueLog log = Objects.requireNonNull(life.logs.get(level));
    Entry entry = model.contents.present.get(position);
    if (entry == null) {
      if (log.get(at) != null) {
        throw new AssertionError("a message that has left, at " + position);
      }
      return;
    }
    if (log.get(at) != entry.message
        || log.returns(at) != entry.returns
        || log.retryAt(at) != entry.retryAt
        || log.due(at) != entry.due) {
      throw new AssertionError("another message, count of returns or time, at " + position);
    }
    written(level).assertSame(log, at);
  }

  /** What was written holds as many as the log, and those whose letters are not there yet. */
  private void verifyWritten(int level, QueueLog log) {
    WrittenQueue disk = written(level);
    Map<Long, Dying> dying = ofLevel(model.contents.dying, level);
    dying.keySet().removeIf(position -> !disk.holds(Lanes.inLane(position)));
    long bytes = 0;
    for (Dying letter : dying.values()) {
      bytes += letter.entry().message.size();
    }
    disk.assertAsLong(log, dying.size(), bytes);
  }

  private static <T> Map<Long, T> ofLevel(NavigableMap<Long, T> all, int level) {
    return all.subMap(Lanes.position(level, 0), Lanes.position(level + 1, 0));
  }

  private WrittenQueue written(int level) {
    return Objects.requireNonNull(written.get(level));
  }
}
