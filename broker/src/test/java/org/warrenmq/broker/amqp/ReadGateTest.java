package org.warrenmq.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.warrenmq.engine.loop.LoopAccount;
import org.warrenmq.engine.loop.LoopAccount.Kind;
import org.warrenmq.engine.loop.NodeMemory;

class ReadGateTest {
  private static final long BUDGET = 100L << 20;

  private final EmbeddedChannel socket = new EmbeddedChannel();
  private final NodeMemory node = new NodeMemory(BUDGET);
  private final LoopAccount account = new LoopAccount(node);
  private final List<Boolean> heldUp = new ArrayList<>();
  private final ReadGate gate = new ReadGate(socket, account, (_, now) -> heldUp.add(now));

  private boolean isOpen() {
    return socket.config().isAutoRead();
  }

  /** The reasons that somebody switches on and off. */
  enum Switch {
    REPLIES(ReadGate::repliesWait),
    STORE(ReadGate::storeIsFull),
    UPLOAD(ReadGate::uploadWaits),
    INPUT(ReadGate::inputWaits),
    ANSWER(ReadGate::answerWaits);

    final BiConsumer<ReadGate, Boolean> set;

    Switch(BiConsumer<ReadGate, Boolean> set) {
      this.set = set;
    }
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("each reason closes it, and it opens when every one is gone")
  void reasons(Switch reason) {
    for (Switch other : Switch.values()) {
      reason.set.accept(gate, true);
      other.set.accept(gate, true);
      assertThat(isOpen()).isFalse();
      reason.set.accept(gate, false);
      assertThat(isOpen()).isEqualTo(other == reason);
      other.set.accept(gate, false);
      assertThat(isOpen()).isTrue();
    }
  }

  @Test
  @DisplayName("publishes under way close it at 4 MiB and open it at half of that")
  void underWay() {
    gate.charge((4 << 20) - 1);
    assertThat(isOpen()).isTrue();
    gate.charge(1);
    assertThat(isOpen()).isFalse();
    gate.release((2 << 20) - 1);
    assertThat(isOpen()).isFalse();
    gate.release(1);
    assertThat(isOpen()).isTrue();
    assertThat(account.held(Kind.UNDER_WAY)).isEqualTo(2 << 20);
  }

  @Test
  @DisplayName("what is parked closes it at 1 MiB and opens it when nothing is")
  void parked() {
    gate.park(1 << 20);
    assertThat(isOpen()).isFalse();
    gate.park(1 - (1 << 20));
    assertThat(isOpen()).isFalse();
    gate.park(-1);
    assertThat(isOpen()).isTrue();
    assertThat(account.held(Kind.PARKED)).isZero();
  }

  @Test
  @DisplayName("while memory is short who holds more than a share waits until half of it is left")
  void shareOfMemory() {
    node.add(BUDGET / 100 * 70);
    long share = node.share();
    gate.arriving(share + (64 << 10) + 1);
    assertThat(isOpen()).isFalse();
    assertThat(heldUp).containsExactly(true);
    gate.favour(true);
    assertThat(isOpen()).as("it is its turn to go on all the same").isTrue();
    gate.favour(false);
    assertThat(isOpen()).isFalse();
    gate.arriving(-(share / 2));
    gate.arriving(-(64 << 10) - 1);
    assertThat(isOpen()).isTrue();
    assertThat(heldUp).containsExactly(true, false);
  }

  @Test
  @DisplayName("once the connection closes nothing but its own pace holds it, until it is too much")
  void closing() {
    gate.repliesWait(true);
    gate.storeIsFull(true);
    gate.openForGood();
    assertThat(isOpen()).isTrue();
    gate.inputWaits(true);
    assertThat(isOpen()).isFalse();
    gate.inputWaits(false);
    assertThat(isOpen()).isTrue();
    gate.closeForGood();
    assertThat(isOpen()).isFalse();
  }

  @Test
  @DisplayName("what was kept for the client goes with its socket, and is not charged after that")
  void end() {
    gate.keep(1000);
    gate.goingOut(500);
    assertThat(gate.holding()).isEqualTo(1500);
    gate.end();
    gate.keep(1000);
    assertThat(account.held(Kind.BOOKKEEPING)).isZero();
    assertThat(gate.holding()).isEqualTo(500);
    gate.goingOut(-500);
    assertThat(account.held(Kind.GOING_OUT)).isZero();
  }
}
