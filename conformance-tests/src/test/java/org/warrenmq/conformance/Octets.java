package org.warrenmq.conformance;

import com.rabbitmq.client.AMQP;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Builds wire octets by hand, for what no client would send; used by one test thread. */
public final class Octets {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** Class and method id, the start of every method frame. */
  public static Octets method(int classId, int methodId) {
    return new Octets().u16(classId).u16(methodId);
  }

  /** A content header without properties. */
  public static byte[] header(int classId, long bodySize) {
    return new Octets().u16(classId).u16(0).u64(bodySize).u16(0).toBytes();
  }

  /**
   * A content header of class 60 (basic) with these properties, as the client library writes it.
   */
  public static byte[] header(long bodySize, AMQP.BasicProperties properties) {
    ByteArrayOutputStream frame = new ByteArrayOutputStream();
    DataOutputStream sink = new DataOutputStream(frame);
    try {
      properties.toFrame(1, bodySize).writeTo(sink);
      sink.flush();
    } catch (IOException e) {
      throw new AssertionError("memory cannot fail", e);
    }
    // Type, channel and length before the payload, the end octet after it.
    return Arrays.copyOfRange(frame.toByteArray(), 7, frame.size() - 1);
  }

  /** A content header whose only property is this headers table. */
  public static byte[] headerWithTable(long bodySize, Octets fields) {
    int headersFlag = 1 << 13;
    return new Octets().u16(60).u16(0).u64(bodySize).u16(headersFlag).table(fields).toBytes();
  }

  public Octets u8(int value) {
    out.write(value);
    return this;
  }

  public Octets u16(int value) {
    return u8(value >> 8).u8(value);
  }

  public Octets u32(long value) {
    return u16((int) (value >> 16)).u16((int) value);
  }

  public Octets u64(long value) {
    return u32(value >> 32).u32(value);
  }

  public Octets raw(byte[] octets) {
    out.writeBytes(octets);
    return this;
  }

  public Octets shortString(String text) {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    return u8(octets.length).raw(octets);
  }

  public Octets longString(byte[] octets) {
    return u32(octets.length).raw(octets);
  }

  public Octets longString(String text) {
    return longString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A field table: its length and its fields. */
  public Octets table(Octets fields) {
    return longString(fields.toBytes());
  }

  /** One field of a table; the value's octets follow the type tag as they are. */
  public Octets field(String name, char tag, Octets value) {
    return shortString(name).u8(tag).raw(value.toBytes());
  }

  public byte[] toBytes() {
    return out.toByteArray();
  }
}
