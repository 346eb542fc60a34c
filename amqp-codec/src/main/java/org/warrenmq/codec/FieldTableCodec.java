package org.warrenmq.codec;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

/**
 * Field tables as octets, in RabbitMQ's dialect. Stateless; used on the thread that owns the
 * buffer.
 *
 * <p>Lengths are checked before anything is allocated by them, so the cost of a table is bounded by
 * the octets it came in. Tables and arrays may nest as deep as these allow.
 */
public final class FieldTableCodec {
  private FieldTableCodec() {}

  /**
   * Reads a length and a table.
   *
   * @throws ConnectionError (frame error) if the octets are no table
   */
  public static FieldTable read(ByteBuf in) {
    return TableReader.read(in, TableReader.end(in));
  }

  /**
   * Reads all readable octets as the entries of a table without a length before them.
   *
   * @throws ConnectionError (frame error) if the octets are no entries
   */
  public static FieldTable readEntries(ByteBuf in) {
    return TableReader.read(in, in.writerIndex());
  }

  /**
   * Steps over a length and a table, with the same checks as {@link #read} and, unless something is
   * nested, without allocating. The tag {@code L} of other dialects becomes {@code l} in the
   * buffer, as RabbitMQ passes it on: not every client knows it.
   *
   * @throws ConnectionError (frame error) if the octets are no table
   */
  public static void skip(ByteBuf in) {
    TableReader.skip(in);
  }

  /** Writes a length and the table. */
  public static void write(ByteBuf out, FieldTable table) {
    new TableWriter(out, false).write(table);
  }

  /** Writes the entries without a length. */
  public static void writeEntries(ByteBuf out, FieldTable table) {
    new TableWriter(out, false).writeEntries(table);
  }

  /**
   * Writes a length and the table, and in it every table, in the order of its names: equal tables
   * give equal octets, in whatever order their entries came.
   */
  public static void writeSorted(ByteBuf out, FieldTable table) {
    new TableWriter(out, true).write(table);
  }

  /** What {@link #writeSorted} makes of the table. */
  static byte[] sorted(FieldTable table) {
    ByteBuf out = Unpooled.buffer();
    writeSorted(out, table);
    return ByteBufUtil.getBytes(out);
  }
}
