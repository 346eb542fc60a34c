package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.HandRoom;
import org.warrenmq.engine.message.Messages;

class ConsumerRingTest {
  private final HandLoop loop = new HandLoop();
  private final QueueAddress queue =
      new QueueLedger(1, loop, new HandRoom(), QueueTraits.PLAIN).queue();
  private final ConsumerRing ring = new ConsumerRing(false);

  private Consumer consumer(int prefetch, int priority) {
    return new TestSubscriber(loop.rooms()).consumer(queue, prefetch, priority);
  }

  /** One turn of the ring: the next consumer gets a message. */
  private @Nullable Consumer serve(ConsumerRing served) {
    Consumer next = served.next();
    if (next != null) {
      next.deliver(0, Messages.of(0), false);
      served.offer(next);
    }
    return next;
  }

  private List<@Nullable Consumer> serve(int times) {
    List<@Nullable Consumer> order = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      order.add(serve(ring));
    }
    return order;
  }

  @Test
  void equalsTakeTurns() {
    Consumer a = consumer(0, 0);
    Consumer b = consumer(0, 0);
    Consumer c = consumer(0, 0);
    ring.add(a);
    ring.add(b);
    ring.add(c);

    assertThat(serve(7)).containsExactly(a, b, c, a, b, c, a);
  }

  @Test
  void higherPriorityGoesFirstWhileItHasRoom() {
    Consumer low = consumer(0, -5);
    Consumer high = consumer(2, 10);
    Consumer middle = consumer(1, 0);
    ring.add(low);
    ring.add(high);
    ring.add(middle);

    assertThat(serve(5)).containsExactly(high, high, middle, low, low);
    high.settled(1);
    ring.offer(high);
    assertThat(serve(2)).containsExactly(high, low);
  }

  @Test
  void whoHasNoRoomIsPassedOver() {
    Consumer small = consumer(1, 0);
    Consumer large = consumer(0, 0);
    ring.add(small);
    ring.add(large);

    assertThat(serve(4)).containsExactly(small, large, large, large);
    small.settled(1);
    ring.offer(small);
    ring.offer(small);
    assertThat(serve(3)).containsExactly(large, small, large);
  }

  @Test
  void nobodyIsLeftWhenAllAreBlocked() {
    ring.add(consumer(1, 0));
    ring.add(consumer(1, 3));

    assertThat(serve(2)).doesNotContainNull();
    assertThat(ring.next()).isNull();
    assertThat(ring.size()).isEqualTo(2);
  }

  @Test
  void removedOnesGetNothing() {
    Consumer a = consumer(0, 0);
    Consumer b = consumer(0, 0);
    ring.add(a);
    ring.add(b);

    assertThat(ring.remove(a)).isTrue();
    assertThat(ring.remove(a)).isFalse();
    assertThat(serve(2)).containsExactly(b, b);
    assertThat(ring.all()).containsExactly(b);
  }

  @Test
  void prioritiesThatComeAndGoKeepTheirOrder() {
    Consumer stays = consumer(0, 3);
    ring.add(stays);
    for (int priority = -50; priority < 50; priority++) {
      Consumer passing = consumer(1, priority);
      ring.add(passing);
      assertThat(serve(ring)).isSameAs(priority >= 3 ? (priority == 3 ? stays : passing) : stays);
      ring.remove(passing);
    }
    ring.remove(stays);
    assertThat(ring.next()).isNull();
  }

  @Test
  void singleActiveConsumerGetsAllUntilItGoes() {
    ConsumerRing single = new ConsumerRing(true);
    Consumer first = consumer(1, 0);
    Consumer second = consumer(0, 7);
    Consumer third = consumer(0, 9);
    single.add(first);
    single.add(second);
    single.add(third);

    assertThat(serve(single)).isSameAs(first);
    assertThat(serve(single)).as("the active one is blocked").isNull();
    single.remove(third);
    single.remove(first);
    assertThat(serve(single)).isSameAs(second);
    assertThat(serve(single)).isSameAs(second);
  }
}
