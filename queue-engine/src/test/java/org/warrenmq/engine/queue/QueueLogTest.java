package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.warrenmq.engine.loop.SeededRuns;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.Messages;

class QueueLogTest {
  private final QueueLog log = new QueueLog();

  private void append(int count) {
    for (int i = 0; i < count; i++) {
      log.append(Messages.of(log.next()), 0, 0);
    }
  }

  private void settle(long from, long to) {
    for (long position = from; position < to; position++) {
      String key = "m" + position;
      assertThat(log.settle(position))
          .isInstanceOfSatisfying(
              Message.class, message -> assertThat(message.routingKey()).isEqualTo(key));
    }
  }

  @Test
  void countsWhatItContains() {
    append(300);
    settle(10, 20);

    assertThat(log.next()).isEqualTo(300);
    assertThat(log.size()).isEqualTo(290);
    assertThat(log.bytes()).isEqualTo(290 * 3);
    assertThat(log.get(9)).isNotNull();
    assertThat(log.get(10)).isNull();
    assertThat(log.get(300)).isNull();
    assertThat(log.get(1_000_000)).isNull();
    assertThat(log.livePositions())
        .isEqualTo(LongStream.concat(LongStream.range(0, 10), LongStream.range(20, 300)).toArray());
  }

  @Test
  void refusesWhatCannotBe() {
    append(130);
    settle(0, 128);

    assertThatThrownBy(() -> log.settle(5)).hasMessage("no message at 5");
    assertThatThrownBy(() -> log.settle(130)).hasMessage("no message at 130");
    assertThatThrownBy(() -> log.returned(5)).hasMessage("no message at 5");
    assertThat(log.size()).isEqualTo(2);
  }

  @Test
  void deepQueueDrainsFromTheFront() {
    append(100_000);
    settle(0, 60_000);
    append(1000);
    settle(60_000, 101_000);

    assertThat(log.size()).isZero();
    assertThat(log.bytes()).isZero();
    append(1);
    assertThat(log.livePositions()).containsExactly(101_000);
  }

  @Test
  void deepQueueDrainsFromTheBack() {
    append(20_000);
    for (long position = 19_999; position >= 0; position--) {
      log.settle(position);
    }

    assertThat(log.size()).isZero();
    append(200);
    assertThat(log.livePositions()).isEqualTo(LongStream.range(20_000, 20_200).toArray());
  }

  @Test
  void oneMessageHeldLongKeepsItsPlace() {
    append(1);
    log.returned(0);
    for (int i = 0; i < 1000; i++) {
      long from = log.next();
      append(100);
      settle(from, from + 100);
    }

    assertThat(log.livePositions()).containsExactly(0);
    assertThat(log.get(0)).extracting(Message::routingKey).isEqualTo("m0");
    assertThat(log.returns(0)).isEqualTo(1);
    assertThat(log.returns(77_777)).isZero();
  }

  @Test
  void ringShrinksAroundWhatIsLeft() {
    append(50_000);
    settle(0, 49_000);
    settle(49_002, 50_000);

    assertThat(log.livePositions()).containsExactly(49_000, 49_001);
    append(10_000);
    assertThat(log.size()).isEqualTo(10_002);
    settle(49_000, 49_002);
    settle(50_000, 60_000);
    assertThat(log.size()).isZero();
  }

  @Test
  void purgeKeepsWhatIsHeld() {
    append(1000);
    settle(3, 5);
    log.returned(700);
    log.purge(900, new long[] {0, 127, 128, 700});

    assertThat(log.livePositions())
        .isEqualTo(
            LongStream.concat(LongStream.of(0, 127, 128, 700), LongStream.range(900, 1000))
                .toArray());
    assertThat(log.returns(700)).isEqualTo(1);
    assertThat(log.bytes()).isEqualTo(104 * 3);
  }

  @Test
  void clearForgetsAllButThePositions() {
    append(1000);
    log.clear();

    assertThat(log.size()).isZero();
    assertThat(log.bytes()).isZero();
    assertThat(log.livePositions()).isEmpty();
    append(2);
    assertThat(log.livePositions()).containsExactly(1000, 1001);
  }

  /** Wide, sparse and deep: what the simulation of whole queues does not reach. */
  @Test
  void doesWhatASortedMapDoes() {
    SeededRuns.run(
        QueueLogTest.class,
        (random, trace) -> {
          QueueLog tested = new QueueLog();
          TreeMap<Long, Message> plain = new TreeMap<>();
          for (int i = 0; i < 60; i++) {
            randomStep(random, trace, tested, plain);
            assertThat(tested.size()).isEqualTo(plain.size());
            assertThat(tested.bytes()).isEqualTo(plain.size() * 3L);
          }
          assertThat(tested.livePositions())
              .isEqualTo(plain.keySet().stream().mapToLong(Long::longValue).toArray());
          plain.forEach((position, message) -> assertThat(tested.get(position)).isSameAs(message));
        });
  }

  private static void randomStep(
      SplittableRandom random,
      SeededRuns.Trace trace,
      QueueLog tested,
      TreeMap<Long, Message> plain) {
    int dice = random.nextInt(10);
    int count = 1 << random.nextInt(12);
    trace.add("dice " + dice + " count " + count);
    for (int i = 0; dice < 4 && i < count; i++) {
      Message message = Messages.of(tested.next());
      plain.put(tested.append(message, 0, 0), message);
    }
    for (int i = 0; dice >= 4 && i < count && !plain.isEmpty(); i++) {
      // From the front, from the back, or anywhere.
      Long position = dice < 7 ? plain.firstKey() : plain.lastKey();
      if (dice == 9) {
        position = plain.ceilingKey(random.nextLong(plain.firstKey(), plain.lastKey() + 1));
      }
      assertThat(tested.settle(position)).isSameAs(plain.remove(position));
    }
  }
}
