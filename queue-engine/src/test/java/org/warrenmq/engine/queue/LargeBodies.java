package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.warrenmq.codec.Body;
import org.warrenmq.engine.home.StoredBodies;
import org.warrenmq.engine.loop.HandLoop;
import org.warrenmq.engine.message.Message;

/** Large bodies as a channel puts them away and reads them again. On the test's thread. */
final class LargeBodies {
  private final HandLoop home;
  private final SplittableRandom random;

  LargeBodies(HandLoop home, SplittableRandom random) {
    this.home = home;
    this.random = random;
  }

  /** Puts away a large body, whose pieces are much smaller here than they say. */
  Body upload(boolean persistent) {
    StoredBodies bodies = home.store().bodies();
    long id = bodies.newBody();
    int pieces = random.nextInt(1, 5);
    for (int i = 0; i < pieces; i++) {
      bodies.put(id, i, piece(id, i), persistent);
    }
    return new Body.Stored(id, (long) pieces * Body.PIECE, persistent);
  }

  /** Begins one that never becomes whole. */
  void abandonUpload(boolean persistent) {
    home.store().bodies().release(upload(persistent));
  }

  private static byte[] piece(long body, int index) {
    byte[] bytes = new byte[20];
    new SplittableRandom(body * 31 + index).nextBytes(bytes);
    return bytes;
  }

  /** The client got a message: its body is sent, or the client is gone before that. */
  void received(Message message) {
    if (message.content().body() instanceof Body.Stored body) {
      if (random.nextInt(4) > 0) {
        read(body, 0);
      } else {
        home.store().bodies().release(body);
      }
    }
  }

  private void read(Body.Stored body, int index) {
    StoredBodies bodies = home.store().bodies();
    bodies.read(
        body,
        index,
        bytes -> {
          assertThat(bytes).isEqualTo(piece(body.id(), index));
          if (index + 1 < body.pieces()) {
            read(body, index + 1);
          } else {
            bodies.release(body);
          }
        });
  }
}
