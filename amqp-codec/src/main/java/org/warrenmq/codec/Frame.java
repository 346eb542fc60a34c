package org.warrenmq.codec;

/** One AMQP frame as a value; the hot paths never build one, encoders and tests do. */
public sealed interface Frame permits MethodFrame, HeaderFrame, BodyFrame, Heartbeat {
  /** Frame type octet of a method. */
  int TYPE_METHOD = 1;

  /** Frame type octet of a content header. */
  int TYPE_HEADER = 2;

  /** Frame type octet of a part of a body. */
  int TYPE_BODY = 3;

  /** Frame type octet of a heartbeat. */
  int TYPE_HEARTBEAT = 8;

  /** The octet that ends every frame. */
  int END = 0xCE;

  /** Type, channel and payload size before the payload. */
  int HEAD_SIZE = 7;

  /** All octets of a frame that are not payload. */
  int OVERHEAD = HEAD_SIZE + 1;

  /** Smallest frame_max a peer may ask for; holds until tune-ok. */
  int MIN_MAX_SIZE = 4096;

  /** The channel it travels on. */
  int channel();
}
