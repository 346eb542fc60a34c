package org.warrenmq.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;

/** Keeps large bodies in memory, and looks at how they are handed over. On the test's thread. */
final class KeptBodies implements LargeBodies {
  /** Pieces of the bodies that were begun, by id; of abandoned ones none. */
  final List<List<byte[]>> bodies = new ArrayList<>();

  int abandoned;

  @Override
  public Upload begin(byte[] properties, long size) {
    assertThat(size).isGreaterThan(Body.MAX_INLINE);
    List<byte[]> pieces = new ArrayList<>();
    bodies.add(pieces);
    long id = bodies.size() - 1;
    return new Upload() {
      private long came;
      private boolean ended;

      @Override
      public void piece(byte[] bytes) {
        assertThat(ended).isFalse();
        came += bytes.length;
        assertThat(bytes.length == Body.PIECE || came == size).isTrue();
        pieces.add(bytes);
      }

      @Override
      public Body complete() {
        assertThat(ended).isFalse();
        ended = true;
        assertThat(came).isEqualTo(size);
        Body.Stored body = new Body.Stored(id, size, new PropertyView(properties).persistent());
        assertThat(pieces).hasSize(body.pieces());
        return body;
      }

      @Override
      public void abandon() {
        assertThat(ended).isFalse();
        ended = true;
        pieces.clear();
        abandoned++;
      }
    };
  }
}
