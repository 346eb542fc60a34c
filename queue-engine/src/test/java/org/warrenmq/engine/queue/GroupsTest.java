package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.warrenmq.codec.Content;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.codec.PropertyEdit;
import org.warrenmq.engine.home.MessageMemory;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.loop.HandRoom;
import org.warrenmq.engine.loop.LoopAccount;
import org.warrenmq.engine.loop.LoopAccount.Kind;
import org.warrenmq.engine.loop.NodeMemory;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.message.MessageStore;
import org.warrenmq.engine.message.Messages;

class GroupsTest {
  private static final int LOOK_AHEAD = 4;

  private final HandLoop loop = new HandLoop();
  private final QueueAddress queue =
      new QueueLedger(1, loop, new HandRoom(), QueueTraits.PLAIN).queue();
  private final LoopAccount account = new LoopAccount(NodeMemory.unlimited());
  private final QueueLog log = new QueueLog(new MessageMemory(Long.MAX_VALUE, account));
  private final Lane lane = new Lane(1, 0, new NoQueue(), log, _ -> Ledger.Nowhere.NOWHERE);
  private final Groups groups = new Groups("g", lane, LOOK_AHEAD);

  private static final class NoQueue implements Lane.Owner {
    @Override
    public void proceed() {
      throw new AssertionError("nothing was waited for");
    }

    @Override
    public void swept(Lane lane, List<MessageStore.Loaded> messages, long from, long to) {
      throw new AssertionError("nothing is cold");
    }
  }

  private Consumer consumer(int prefetch) {
    return new TestSubscriber(loop.rooms()).consumer(queue, prefetch, 0);
  }

  /** One message of each group in turn; a blank is none. */
  private void append(String names) {
    for (char name : names.toCharArray()) {
      Message plain = Messages.of(log.next());
      Content content = plain.content();
      if (name != ' ') {
        FieldTable headers = FieldTable.of("g", FieldValue.of("" + name));
        content =
            new Content(PropertyEdit.withHeaders(content.properties(), headers), content.body());
      }
      log.append(new Message("x", plain.routingKey(), content, false), 0, 0);
    }
  }

  /** The next message leaves, for who has its group or else for this consumer. */
  private @Nullable Consumer give(long expected, Consumer turn) {
    long position = groups.next();
    assertThat(position).isEqualTo(expected);
    if (position < 0) {
      return null;
    }
    Message message = Objects.requireNonNull(log.get(position));
    Consumer taker = groups.taker(position, message, turn);
    take(position, taker, true);
    taker.deliver(position, message, false);
    return taker;
  }

  private void take(long position, @Nullable Consumer taker, boolean outstanding) {
    Message message = Objects.requireNonNull(log.get(position));
    groups.taken(position, message, taker, outstanding);
    lane.takeAny(position, message.size());
    if (!outstanding) {
      lane.remove(position);
    }
  }

  private void settle(long position, @Nullable Consumer consumer) {
    groups.settled(position);
    lane.remove(position);
    if (consumer != null) {
      consumer.settled(1);
    }
  }

  private void giveBack(long position, @Nullable Consumer consumer) {
    lane.giveBack(position);
    groups.returned(position);
    if (consumer != null) {
      consumer.settled(1);
    }
  }

  @Test
  void aGroupWaitsForWhoHasIt() {
    append("aab");
    Consumer first = consumer(1);
    Consumer second = consumer(10);

    assertThat(give(0, first)).isSameAs(first);
    assertThat(give(2, second)).isSameAs(second);
    assertThat(groups.next()).isEqualTo(Groups.NONE);
    assertThat(groups.hasFor(first)).isTrue();
    assertThat(groups.hasFor(second)).isFalse();
    first.settled(1);
    assertThat(give(1, second)).isSameAs(first);
  }

  @Test
  void itIsFreeWhenNothingOfItIsOut() {
    append("aaa");
    Consumer first = consumer(2);
    Consumer second = consumer(10);
    give(0, first);
    give(1, first);

    settle(0, first);
    first.deliver(9, Messages.of(9), false);
    assertThat(groups.next()).isEqualTo(Groups.NONE);
    settle(1, first);
    assertThat(give(2, second)).isSameAs(second);
  }

  @Test
  void whatBelongsToNoGroupGoesToAnybody() {
    append("a  ");
    Consumer first = consumer(1);
    Consumer second = consumer(10);
    give(0, first);

    assertThat(give(1, second)).isSameAs(second);
    giveBack(1, second);
    Consumer third = consumer(10);
    assertThat(give(1, third)).isSameAs(third);
    assertThat(give(2, second)).isSameAs(second);
  }

  @Test
  void whatComesBackIsTheFirstOfItsGroupAgain() {
    append("aaab");
    Consumer first = consumer(2);
    Consumer second = consumer(10);
    give(0, first);
    give(1, first);
    give(3, second);

    giveBack(0, first);
    // The other one is still with him.
    assertThat(give(0, second)).isSameAs(first);
    giveBack(1, first);
    giveBack(0, first);
    assertThat(give(0, second)).isSameAs(second);
    assertThat(give(1, first)).isSameAs(second);
    assertThat(give(2, first)).isSameAs(second);
  }

  @Test
  void ofWhatAGetHasNobodyGetsMore() {
    append("aab");
    assertThat(groups.nextFree()).isZero();
    take(0, null, true);

    assertThat(groups.nextFree()).isEqualTo(2);
    take(2, null, false);
    assertThat(groups.nextFree()).isEqualTo(Groups.NONE);
    assertThat(give(Groups.NONE, consumer(10))).isNull();
    settle(0, null);
    assertThat(groups.nextFree()).isEqualTo(1);
  }

  @Test
  void whoDoesNotAckKeepsNoGroup() {
    append("aa");
    take(0, consumer(0), false);

    assertThat(groups.size()).isZero();
    assertThat(groups.nextFree()).isEqualTo(1);
  }

  @Test
  void soManyArePassedOverAndNoMore() {
    append("a" + "a".repeat(LOOK_AHEAD + 1) + "b");
    Consumer first = consumer(1);
    give(0, first);

    assertThat(groups.next()).isEqualTo(Groups.NONE);
    // One of those expires, and there is room to see what is behind them.
    groups.left(2);
    lane.removeReady(2);
    assertThat(groups.next()).isEqualTo(LOOK_AHEAD + 2);
  }

  @Test
  void manyOctetsAreLookedThroughInSeveralGoes() {
    append("a");
    take(0, null, true);
    FieldTable headers =
        FieldTable.of("g", FieldValue.of("a"))
            .with("x", new FieldValue.Bytes(new byte[200 * 1024]));
    byte[] properties = PropertyEdit.withHeaders(new byte[2], headers);
    for (int i = 0; i < 3; i++) {
      Content content = new Content(properties, Messages.of(i).content().body());
      log.append(new Message("x", "large", content, false), 0, 0);
    }
    append("b");

    assertThat(groups.next()).isEqualTo(Groups.LATER);
    assertThat(groups.next()).isEqualTo(4);
  }

  @Test
  void whatLeftIsNotNext() {
    append("aaab");
    Consumer first = consumer(1);
    give(0, first);
    give(3, consumer(1));
    groups.left(1);
    lane.removeReady(1);

    settle(0, first);
    assertThat(groups.next()).isEqualTo(2);
    groups.purged();
    lane.purge();
    assertThat(groups.next()).isEqualTo(Groups.NONE);
    append("a");
    assertThat(groups.next()).isEqualTo(4);
  }

  @Test
  void whatIsReadAgainIsForgotten() {
    append("aabab");
    Consumer first = consumer(1);
    give(0, first);
    give(2, consumer(1));
    assertThat(groups.next()).isEqualTo(Groups.NONE);
    assertThat(lane.head()).isEqualTo(5);

    groups.readAgain(3);
    settle(0, first);
    assertThat(groups.next()).isEqualTo(1);
  }

  @Test
  void nothingIsKeptOfGroupsOfWhichNothingIsOut() {
    long before = account.held(Kind.QUEUED);
    append("abcabc ");
    Consumer first = consumer(3);
    for (int i = 0; i < 3; i++) {
      give(i, first);
    }
    assertThat(groups.size()).isEqualTo(3);
    assertThat(groups.next()).isEqualTo(6);
    take(6, null, true);

    for (int i = 0; i < 3; i++) {
      settle(i, first);
    }
    for (long next = groups.nextFree(); next >= 0; next = groups.nextFree()) {
      take(next, null, false);
    }
    settle(6, null);
    assertThat(groups.size()).isZero();
    assertThat(account.held(Kind.QUEUED)).isEqualTo(before);
  }

  @Test
  void whatIsKeptIsGivenUpAtTheEnd() {
    append("aab");
    give(0, consumer(1));
    give(2, consumer(1));
    groups.clear();
    lane.clear();

    assertThat(account.held(Kind.QUEUED)).isZero();
  }
}
