package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;

/**
 * A frame that carries a part of a body.
 *
 * @param payload the octets, owned by whoever made the frame
 */
public record BodyFrame(int channel, ByteBuf payload) implements Frame {}
