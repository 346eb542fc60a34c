package org.warrenmq.benchmarks.durable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ConfirmsTest {
  private final Confirms confirms = new Confirms("q", 10, 0);

  @Test
  void countsWithoutGaps() {
    confirms.handleAck(2, false);
    confirms.handleAck(4, false);
    assertThat(confirms.confirmed()).isZero();
    confirms.handleAck(1, false);
    assertThat(confirms.confirmed()).isEqualTo(2);
    confirms.handleAck(9, true);
    assertThat(confirms.confirmed()).isEqualTo(9);
  }

  @Test
  void itsSlotsAreUsedAgain() {
    for (long i = 1; i <= 1_000; i += 2) {
      confirms.handleAck(i + 1, false);
      confirms.handleAck(i, false);
    }
    assertThat(confirms.confirmed()).isEqualTo(1_000);
  }

  @Test
  void thePublisherHasRoomUpToTheBound() throws Exception {
    confirms.awaitRoomFor(10);
    assertThatThrownBy(() -> confirms.awaitRoomFor(11))
        .hasMessage("confirms of q: 0 of 1, and no more for 0 s");
    confirms.handleAck(1, false);
    confirms.awaitRoomFor(11);
  }

  @Test
  void aConfirmLetsThePublisherGoOn() throws Exception {
    Confirms patient = new Confirms("q", 1, 30);
    var waiting =
        CompletableFuture.runAsync(
            () -> {
              try {
                patient.awaitAll(3);
              } catch (BrokenPromise | InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    patient.handleAck(1, true);
    patient.handleAck(2, true);
    assertThat(waiting).isNotDone();
    patient.handleAck(3, true);
    waiting.get(30, TimeUnit.SECONDS);
  }

  @Test
  void aRefusedMessageFails() {
    confirms.handleNack(1, false);
    assertThatThrownBy(() -> confirms.awaitRoomFor(1))
        .hasMessageContaining("message 1 was refused");
  }

  @Test
  void aConfirmTooManyFails() {
    confirms.handleAck(1, false);
    confirms.handleAck(1, false);
    assertThatThrownBy(() -> confirms.awaitRoomFor(2)).hasMessageContaining("no confirm to get");
  }
}
