package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Puts the content of published messages together, one at a time, and keeps method, header and body
 * frames in order; one per channel. Not thread-safe: it lives on the connection's event loop.
 *
 * <p>Memory follows what has arrived and not what the header announced: whenever octets find no
 * room, an array is made for four times as many as have come with them, and no more than the body
 * has. So a body that comes in one frame is copied once, the pieces of one in frames of the usual
 * size are, too, and what is held is at most four times what arrived, or {@link #LEAST}. Of a body
 * that is too large for one array a piece at a time is held here, and then handed on to {@link
 * LargeBodies}.
 */
public final class ContentAssembler {
  /** The one method with content that clients send; faults in its content name it. */
  private static final int PUBLISH = BasicMethod.Publish.ID;

  /** What is allocated with the first octets of a body, if it is not smaller. */
  static final int LEAST = 64;

  private static final byte[] NOTHING = new byte[0];

  private enum Expected {
    METHOD,
    HEADER,
    BODY,
    /** More body came than announced; see {@link #body}. */
    NOTHING_EVER
  }

  private final PropertyInterner interner;
  private final LargeBodies largeBodies;
  private Expected expected = Expected.METHOD;
  private int expectedClass;
  private byte[] properties = NOTHING;

  /** Octets that were announced and have not come. */
  private long remaining;

  /** What has come, or the last piece of it. */
  private byte[] bytes = NOTHING;

  private int filled;

  /** Where the body goes; null when it fits into one array. */
  private LargeBodies.@Nullable Upload upload;

  /**
   * An assembler that waits for a method.
   *
   * @param properties may be shared by the channels of one connection
   * @param largeBodies takes what is too large for one array
   */
  public ContentAssembler(PropertyInterner properties, LargeBodies largeBodies) {
    this.interner = properties;
    this.largeBodies = largeBodies;
  }

  /** A method with content came: its header is due. */
  public void expect(int classId) {
    checkMethod();
    expectedClass = classId;
    expected = Expected.HEADER;
  }

  /** Octets in memory of a content that is not whole. */
  public long held() {
    long ofProperties = PropertyInterner.mayBeShared(properties) ? 0 : properties.length;
    return ofProperties + bytes.length;
  }

  /** Whether a content header is due. */
  public boolean expectsHeader() {
    return expected == Expected.HEADER;
  }

  /** Whether body frames are due. */
  public boolean expectsBody() {
    return expected == Expected.BODY || expected == Expected.NOTHING_EVER;
  }

  /**
   * Checks that a method may come now.
   *
   * @throws ConnectionError (unexpected frame) if a header or body is due instead
   */
  public void checkMethod() {
    switch (expected) {
      case METHOD -> {}
      case HEADER -> throw noHeader();
      case BODY, NOTHING_EVER -> throw noBody();
    }
  }

  /** Drops what was gathered, and waits for a method again. */
  public void reset() {
    expected = Expected.METHOD;
    drop();
  }

  /**
   * A content header came.
   *
   * @param weight zero, or it counts for no header, as in RabbitMQ
   * @param bodySize as announced, unsigned
   * @param in the properties, all that is readable; consumed
   * @param maxBodySize the largest body the caller takes
   * @return the content if it has no body, else null
   * @throws ChannelError if the body is too large; the assembler is then reset
   * @throws ConnectionError if no header, or another, was due, or the properties are malformed
   */
  public @Nullable Content header(
      int classId, int weight, long bodySize, ByteBuf in, long maxBodySize) {
    switch (expected) {
      case METHOD -> throw noMethod();
      case HEADER -> {}
      case BODY, NOTHING_EVER -> throw noBody();
    }
    if (weight != 0) {
      throw noHeader();
    }
    if (classId != expectedClass) {
      String text =
          "expected content header for class %d, got one for class %d instead"
              .formatted(expectedClass, classId);
      throw unexpected(text);
    }
    if (Long.compareUnsigned(bodySize, maxBodySize) > 0) {
      reset();
      String text =
          "message size %s is larger than configured max size %d"
              .formatted(Long.toUnsignedString(bodySize), maxBodySize);
      throw new ChannelError(ReplyCode.PRECONDITION_FAILED, text, expectedClass, PUBLISH);
    }
    byte[] octets = interner.read(in);
    if (bodySize == 0) {
      reset();
      return new Content(octets, Body.EMPTY);
    }
    properties = octets;
    remaining = bodySize;
    expected = Expected.BODY;
    if (bodySize > Body.MAX_INLINE) {
      upload = largeBodies.begin(octets, bodySize);
    }
    return null;
  }

  /**
   * A part of a body came.
   *
   * <p>More octets than announced are no error to RabbitMQ, which then waits for ever for the body
   * to end. So do we, but without keeping any of it.
   *
   * @param payload all that is readable; consumed
   * @return the content if it is complete now, else null
   * @throws ConnectionError if no body was due
   */
  public @Nullable Content body(ByteBuf payload) {
    switch (expected) {
      case METHOD -> throw noMethod();
      case HEADER -> throw noHeader();
      case BODY -> {}
      case NOTHING_EVER -> {
        payload.skipBytes(payload.readableBytes());
        return null;
      }
    }
    int length = payload.readableBytes();
    if (length > remaining) {
      payload.skipBytes(length);
      drop();
      expected = Expected.NOTHING_EVER;
      return null;
    }
    while (payload.isReadable()) {
      fill(payload);
    }
    return remaining == 0 ? complete() : null;
  }

  private void fill(ByteBuf payload) {
    if (filled == bytes.length) {
      grow(payload.readableBytes());
    }
    int part = Math.min(payload.readableBytes(), bytes.length - filled);
    payload.readBytes(bytes, filled, part);
    filled += part;
    remaining -= part;
    LargeBodies.Upload open = upload;
    if (open != null && filled == bytes.length && (filled == Body.PIECE || remaining == 0)) {
      open.piece(bytes);
      bytes = NOTHING;
      filled = 0;
    }
  }

  /** Exact in the end: it never becomes larger than what is announced, or a whole piece. */
  private void grow(int coming) {
    long most = filled + remaining;
    if (upload != null) {
      most = Math.min(most, Body.PIECE);
    }
    long wanted = Math.max(LEAST, 4L * (filled + coming));
    bytes = Arrays.copyOf(bytes, (int) Math.min(most, wanted));
  }

  private Content complete() {
    LargeBodies.Upload open = upload;
    upload = null;
    Body body = open == null ? new Body.Inline(bytes) : open.complete();
    Content content = new Content(properties, body);
    reset();
    return content;
  }

  private void drop() {
    properties = NOTHING;
    bytes = NOTHING;
    filled = 0;
    remaining = 0;
    LargeBodies.Upload open = upload;
    if (open != null) {
      upload = null;
      open.abandon();
    }
  }

  private static ConnectionError noMethod() {
    return new ConnectionError(
        ReplyCode.UNEXPECTED_FRAME, "expected method frame, got non method frame instead");
  }

  private ConnectionError noHeader() {
    return unexpected(
        "expected content header for class %d, got non content header frame instead"
            .formatted(expectedClass));
  }

  private ConnectionError noBody() {
    return unexpected("expected content body, got non content body frame instead");
  }

  private ConnectionError unexpected(String text) {
    return new ConnectionError(ReplyCode.UNEXPECTED_FRAME, text, expectedClass, PUBLISH);
  }
}
