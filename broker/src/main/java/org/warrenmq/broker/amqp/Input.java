package org.warrenmq.broker.amqp;

import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.warrenmq.codec.AmqpError;
import org.warrenmq.codec.FrameDecoder;
import org.warrenmq.codec.FrameListener;
import org.warrenmq.codec.KeyInterner;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.loop.RoomLoop;

/**
 * What a connection's socket brings: decoded at once, or, while the loop has enough to do, kept
 * until it is this connection's turn. Reading stops meanwhile, so it is little more than one
 * buffer. Runs on the connection's loop.
 */
final class Input {
  /** Who sends so little does not wait for those who send much. */
  private static final int FEW = 1024;

  /** Distinct names and keys remembered per connection. */
  private static final int KEY_SLOTS = 64;

  /** Light methods between two looks at the clock; a power of two. */
  private static final int LOOK = 16;

  /** What a connection does with what it reads. */
  interface Frames extends FrameListener {
    /** Takes the protocol header from what was read, unless it has come before. */
    void readHeader(ByteBuf in);

    /** Whether frames still matter. */
    boolean isListening();
  }

  private final Frames frames;
  private final Faults faults;
  private final LoopStore store;
  private final RoomLoop loop;
  private final ReadGate gate;
  private final Routes routes;
  private final FrameDecoder decoder;
  private final ArrayDeque<ByteBuf> waiting = new ArrayDeque<>(0);

  private final KeyInterner names = new KeyInterner(KEY_SLOTS);

  /** What the gate knows of names and routes that are remembered. */
  private long remembered;

  /** What the gate knows of a frame that came in part. */
  private int keptFrame;

  private int executed;
  private boolean usedStore;

  /** What was read last is being decided elsewhere. */
  private boolean held;

  /**
   * @param frameMax until another one is negotiated
   * @param routes what of them is remembered is counted with the names
   */
  Input(Frames frames, Faults faults, LoopStore store, ReadGate gate, Routes routes, int frameMax) {
    this.frames = frames;
    this.faults = faults;
    this.store = store;
    this.loop = store.loop();
    this.gate = gate;
    this.routes = routes;
    decoder = new FrameDecoder(frames, names, frameMax);
  }

  /** What was negotiated holds from the next frame on. */
  void frameMax(int octets) {
    decoder.maxPayload(octets);
  }

  /** Octets came; takes over the buffer. */
  void read(ByteBuf in) {
    if (!waiting.isEmpty()) {
      keep(in);
    } else if (held || loop.isBehind(in.readableBytes() <= FEW) || !take(in)) {
      keep(in);
      resumeLater();
    }
  }

  private void resumeLater() {
    if (!held) {
      loop.whenCaughtUp(this::resume);
    }
  }

  /**
   * What follows is not looked at before {@link #goOn}, and no more is read: what it means depends
   * on an answer that may take long. To be called while a frame is dealt with.
   */
  void hold() {
    held = true;
    decoder.pause();
    gate.answerWaits(true);
  }

  /** The answer is there. */
  void goOn() {
    held = false;
    gate.answerWaits(false);
    if (!waiting.isEmpty()) {
      resumeLater();
    }
  }

  private void keep(ByteBuf in) {
    ByteBuf kept = compact(in);
    waiting.add(kept);
    gate.arriving(kept.capacity());
    gate.inputWaits(true);
  }

  /**
   * A little in a large buffer is not worth it: there may be thousands of these, before a login.
   */
  private static ByteBuf compact(ByteBuf in) {
    int octets = in.readableBytes();
    if (octets > in.capacity() / 2) {
      return in;
    }
    ByteBuf fitting = in.alloc().buffer(octets);
    fitting.writeBytes(in);
    in.release();
    return fitting;
  }

  /** It is this connection's turn: one buffer, or what a turn takes of it. */
  private void resume() {
    next();
    if (waiting.isEmpty()) {
      gate.inputWaits(false);
    } else {
      resumeLater();
    }
  }

  private void next() {
    ByteBuf in = waiting.peek();
    if (in != null) {
      long capacity = in.capacity();
      if (take(in)) {
        waiting.poll();
        gate.arriving(-capacity);
      }
    }
  }

  /** True when all of it was taken in, and it was given back. */
  private boolean take(ByteBuf in) {
    boolean taken = true;
    try {
      decode(in);
      taken = !in.isReadable();
    } finally {
      if (taken) {
        in.release();
      }
    }
    countKeptFrame();
    countRemembered();
    if (usedStore) {
      usedStore = false;
      waitForStore();
    }
    return taken;
  }

  /** All of it, or as much as there is time for; what nobody wants is passed over. */
  private void decode(ByteBuf in) {
    boolean paused = false;
    try {
      frames.readHeader(in);
      while (frames.isListening() && in.isReadable() && !decoder.failed() && !paused) {
        decodeFrames(in);
        paused = decoder.isPaused();
      }
    } catch (RuntimeException e) {
      // Found while its own input was read: with the connection goes all that may be wrong.
      faults.failInside(e);
      paused = true;
    }
    if (!paused) {
      in.skipBytes(in.readableBytes());
    }
  }

  /** Decodes what there is; after a fault only the answer to our close still matters. */
  private void decodeFrames(ByteBuf in) {
    try {
      decoder.decode(in);
    } catch (AmqpError error) {
      faults.fail(error);
    }
  }

  private void countKeptFrame() {
    int kept = decoder.kept();
    if (kept != keptFrame) {
      gate.arriving(kept - keptFrame);
      keptFrame = kept;
    }
  }

  private void countRemembered() {
    long now = names.held() + routes.held();
    if (now != remembered) {
      gate.keep(now - remembered);
      remembered = now;
    }
  }

  /** Memory is short: names are remembered for speed only. */
  void forgetNames() {
    names.clear();
    countRemembered();
  }

  /** A method was carried out: each may set off much, or take long; light ones in a row, too. */
  void executed(boolean light) {
    if (!light || loop.isFull() || (++executed & LOOK - 1) == 0) {
      pauseIfBehind();
    }
  }

  /** What was read has set off much, or took long: what else was read waits for its turn. */
  void pauseIfBehind() {
    if (loop.isBehind(false)) {
      decoder.pause();
    }
  }

  /** A publish went to queues: after this read it is time to see whether the disk keeps up. */
  void usesStore() {
    usedStore = true;
  }

  /** Reads no more while too much waits for the disk. */
  private void waitForStore() {
    if (!gate.isClosedByStore() && !store.hasRoom()) {
      gate.storeIsFull(true);
      store.whenRoom(() -> gate.storeIsFull(false));
    }
  }

  /** The socket has ended: what it brought before counts, as far as it was understood. */
  void finish() {
    while (!waiting.isEmpty() && !held) {
      next();
    }
  }

  /** Nothing more is decoded. */
  void end() {
    decoder.close();
    countKeptFrame();
    for (ByteBuf in : waiting) {
      gate.arriving(-in.capacity());
      in.release();
    }
    waiting.clear();
  }
}
