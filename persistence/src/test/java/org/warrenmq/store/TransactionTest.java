package org.warrenmq.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.warrenmq.store.TestStore.appendNumbered;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.warrenmq.store.TurnWrites.TransactionPart;

/** Which turns are let go, when, and in which order. */
class TransactionTest {
  private final TransactionHold hold = new TransactionHold();
  private final List<TurnWrites> released = new ArrayList<>();

  private static TurnWrites turn(long... queues) {
    return part(0, 0, queues);
  }

  private static TurnWrites part(long transaction, int parts, long... queues) {
    List<WriteRequest> requests =
        Arrays.stream(queues)
            .mapToObj(queue -> (WriteRequest) appendNumbered(queue, 0, 1))
            .toList();
    return new TurnWrites(
        requests, true, () -> {}, parts == 0 ? null : new TransactionPart(transaction, parts));
  }

  private void offer(TurnWrites turn) {
    hold.offer(turn, 1, (let, bytes) -> released.add(let));
  }

  private void offerAll(TurnWrites... turns) {
    for (TurnWrites turn : turns) {
      offer(turn);
    }
  }

  @Test
  void turnsPassWhenNothingIsHeld() {
    TurnWrites plain = turn(1, 2);
    TurnWrites single = part(1, 1, 1);
    offerAll(plain, single);
    assertThat(released).containsExactly(plain, single);
    assertThat(hold.isEmpty()).isTrue();
  }

  @Test
  void partsWaitForEachOther() {
    TurnWrites first = part(1, 2, 1);
    TurnWrites other = turn(3);
    TurnWrites second = part(1, 2, 2);
    offerAll(first, other);
    assertThat(released).containsExactly(other);
    offer(second);
    assertThat(released).containsExactly(other, first, second);
    assertThat(hold.isEmpty()).isTrue();
  }

  @Test
  void aPartOfWhichNothingIsLeftLetsTheOthersGo() {
    TurnWrites first = part(1, 2, 1);
    TurnWrites empty = part(1, 2);
    offerAll(first, empty);
    assertThat(released).containsExactly(first, empty);
  }

  @Test
  void laterTurnsForTheirQueuesWaitToo() {
    TurnWrites first = part(1, 2, 1);
    TurnWrites behind = turn(1, 3);
    TurnWrites behindThat = turn(3);
    TurnWrites second = part(1, 2, 2);
    offerAll(first, behind, behindThat);
    assertThat(released).isEmpty();
    offer(second);
    assertThat(released).containsExactly(first, behind, behindThat, second);
  }

  @Test
  void transactionsThatMeetCrosswiseGoTogether() {
    TurnWrites a2 = part(2, 2, 2);
    TurnWrites a1 = part(1, 2, 1);
    TurnWrites b1 = part(1, 2, 2);
    TurnWrites b2 = part(2, 2, 1);
    offerAll(a2, a1, b1);
    assertThat(released).isEmpty();
    offer(b2);
    assertThat(released).containsExactly(a2, a1, b1, b2);
  }

  @Test
  void unrelatedTransactionsDoNotWaitForEachOther() {
    TurnWrites open = part(1, 2, 1);
    TurnWrites c = part(2, 2, 5);
    TurnWrites d = part(2, 2, 6);
    offerAll(open, c, d);
    assertThat(released).containsExactly(c, d);
    assertThat(hold.isEmpty()).isFalse();
    TurnWrites free = turn(5);
    offer(free);
    assertThat(released).containsExactly(c, d, free);
  }

  /** A queue is deleted while it takes part in a transaction, and declared anew. */
  @Test
  void definitionsKeepTheirOrder() {
    TurnWrites first = part(1, 2, 1);
    DefinitionKey name = new DefinitionKey(2, "orders");
    TurnWrites deleted =
        TurnWrites.synced(
            List.of(new WriteRequest.DeleteDefinition(name), new WriteRequest.DropQueue(1)),
            () -> {});
    TurnWrites declared =
        TurnWrites.synced(
            List.of(
                new WriteRequest.PutDefinition(name, new byte[] {1}), new WriteRequest.AddQueue(3)),
            () -> {});
    // Nobody may hear that it is on disk before the queue it is in.
    TurnWrites published = turn(3);
    TurnWrites second = part(1, 2, 2);
    offerAll(first, deleted, declared, published);
    assertThat(released).isEmpty();
    offer(second);
    assertThat(released).containsExactly(first, deleted, declared, published, second);
  }
}
