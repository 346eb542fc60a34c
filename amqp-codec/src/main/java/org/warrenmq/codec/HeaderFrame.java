package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;

/**
 * A frame that carries a content header.
 *
 * @param bodySize the announced size of the body, an unsigned number
 * @param properties property flags and values, undecoded; owned by whoever made the frame
 */
public record HeaderFrame(int channel, int classId, long bodySize, ByteBuf properties)
    implements Frame {}
