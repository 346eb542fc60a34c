package org.warrenmq.codec;

/** The frame that says a quiet peer is alive; always on channel 0. */
public enum Heartbeat implements Frame {
  INSTANCE;

  @Override
  public int channel() {
    return 0;
  }
}
