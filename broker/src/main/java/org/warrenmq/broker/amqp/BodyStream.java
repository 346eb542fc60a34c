package org.warrenmq.broker.amqp;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.Body;
import org.warrenmq.codec.BodyWriter;
import org.warrenmq.engine.home.StoredBodies;

/**
 * One large body on its way to the client, written window by window as the socket takes it. One
 * that lies in the store is fetched a piece at a time, when its turn has come; it is held until all
 * of it is written. Runs on the connection's loop.
 */
final class BodyStream {
  private final int channel;
  private final Body body;
  private final int maxFrame;
  private final StoredBodies bodies;
  private final Runnable goOn;

  /** What can be written now. */
  private @Nullable BodyWriter piece;

  /** Of one in the store: the piece to be fetched next. */
  private int next;

  private boolean fetching;
  private boolean over;

  /**
   * @param body takes over the hold on it
   * @param goOn run when there is something to write again, after {@link #fetch}
   */
  BodyStream(int channel, Body body, int maxFrame, StoredBodies bodies, Runnable goOn) {
    this.channel = channel;
    this.body = body;
    this.maxFrame = maxFrame;
    this.bodies = bodies;
    this.goOn = goOn;
    if (body instanceof Body.Inline(byte[] bytes)) {
      piece = new BodyWriter(channel, bytes, maxFrame);
    }
  }

  /** Octets of the whole body. */
  long size() {
    return body.size();
  }

  /** Octets of it that are in memory at most, here. */
  long held() {
    return switch (body) {
      case Body.Inline(byte[] bytes) -> bytes.length;
      case Body.Stored _ -> Math.min(body.size(), Body.PIECE);
    };
  }

  /** Whether {@link #write} has something to write. */
  boolean isReady() {
    return piece != null;
  }

  /** Has the next piece fetched, if that was not asked for yet. */
  void fetch() {
    if (!fetching && body instanceof Body.Stored stored) {
      fetching = true;
      bodies.read(stored, next++, this::fetched);
    }
  }

  private void fetched(byte[] bytes) {
    fetching = false;
    if (over) {
      bodies.release(body);
    } else {
      piece = new BodyWriter(channel, bytes, maxFrame);
      goOn.run();
    }
  }

  /** Writes frames, at least one; see {@link BodyWriter#write}. */
  void write(ByteBuf out, long window) {
    BodyWriter ready = piece;
    if (ready == null) {
      throw new IllegalStateException("nothing to write");
    }
    ready.write(out, window);
    if (ready.done()) {
      piece = null;
      if (!(body instanceof Body.Stored stored) || next == stored.pieces()) {
        end();
      }
    }
  }

  /** Whether all is written, or given up. */
  boolean isOver() {
    return over;
  }

  /** The rest is not written, or nothing is left. */
  void end() {
    if (!over) {
      over = true;
      piece = null;
      if (!fetching) {
        // Else when it is answered: who reads holds what is read.
        bodies.release(body);
      }
    }
  }
}
