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
  private final ByteBuf octets;
  private final int end;
  private int start;
  private int value;
  private int next;

  /** Before the first header, if there is any. */
  public HeaderEntries(byte[] properties) {
    PropertyView view = new PropertyView(properties);
    octets = Unpooled.wrappedBuffer(properties);
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
    value = start + 1 + octets.getUnsignedByte(start);
    octets.readerIndex(value);
    TableReader.skipChecked(octets);
    next = octets.readerIndex();
    return true;
  }

  /** Whether this is its name, which is ASCII. */
  public boolean isNamed(String name) {
    int length = name.length();
    if (octets.getUnsignedByte(start) != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (octets.getByte(start + 1 + i) != name.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Decodes its value. */
  public FieldValue value() {
    octets.readerIndex(start);
    return TableReader.read(octets, next).asMap().values().iterator().next();
  }

  /** Writes name and value as they came. */
  public void copyTo(ByteBuf out) {
    out.writeBytes(octets, start, next - start);
  }
}
