package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/**
 * The headers of a message one after the other, as octets of which only what is asked for is
 * decoded: who changes some can pass on all others as they came. For one thread, once.
 *
 * <p>The octets must be well-formed, as everything a {@link ContentAssembler} hands out is.
 */
public final class HeaderEntries {
  private final byte[] octets;
  private final ByteBuf in;
  private final int end;
  private int start;
  private int next;

  /** Before the first header, if there is any. */
  public HeaderEntries(byte[] properties) {
    PropertyView view = new PropertyView(properties);
    octets = properties;
    in = Unpooled.wrappedBuffer(properties);
    next = view.offset(PropertyView.HEADERS);
    if (view.has(PropertyView.HEADERS)) {
      end = next + view.valueSize(PropertyView.HEADERS, next);
      next += Integer.BYTES;
    } else {
      end = next;
    }
  }

  /** Goes on to the next header; false after the last one. */
  public boolean advance() {
    if (next >= end) {
      return false;
    }
    start = next;
    in.readerIndex(start + 1 + (octets[start] & 0xFF));
    TableReader.skipChecked(in);
    next = in.readerIndex();
    return true;
  }

  /** Whether this is its name, which is ASCII. */
  public boolean isNamed(String name) {
    int length = name.length();
    if ((octets[start] & 0xFF) != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (octets[start + 1 + i] != name.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Decodes its value. */
  public FieldValue value() {
    in.readerIndex(start);
    return TableReader.read(in, next).asMap().values().iterator().next();
  }

  /** Writes name and value as they came. */
  public void copyTo(ByteBuf out) {
    out.writeBytes(octets, start, next - start);
  }
}
