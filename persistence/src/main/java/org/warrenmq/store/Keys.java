package org.warrenmq.store;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Keys of the column families: numbers big-endian, so that bytes sort as they do. Stateless. */
final class Keys {
  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);
  private static final VarHandle INT =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

  private Keys() {}

  static byte[] queue(long queueId) {
    byte[] key = new byte[8];
    LONG.set(key, 0, queueId);
    return key;
  }

  /**
   * Chunks by first position, settlement entries by first page, references by position, remembered
   * keys by slot.
   */
  static byte[] at(long queueId, long number) {
    byte[] key = new byte[16];
    LONG.set(key, 0, queueId);
    LONG.set(key, 8, number);
    return key;
  }

  static byte[] body(long body) {
    return queue(body);
  }

  static byte[] piece(long body, int index) {
    byte[] key = new byte[12];
    LONG.set(key, 0, body);
    INT.set(key, 8, index);
    return key;
  }

  /** Scheduled messages by owner, then by due time, then by id. */
  static byte[] scheduled(long queueId, long due, long id) {
    byte[] key = new byte[24];
    LONG.set(key, 0, queueId);
    LONG.set(key, 8, due);
    LONG.set(key, 16, id);
    return key;
  }

  /** Behind every key of the owner's scheduled messages; due times are never negative. */
  static byte[] scheduledEnd(long queueId) {
    return scheduled(queueId, -1, 0);
  }

  static long due(byte[] key) {
    return (long) LONG.get(key, 8);
  }

  static long scheduledId(byte[] key) {
    return (long) LONG.get(key, 16);
  }

  /** In the order in which the databases have them. */
  static int compare(byte[] a, byte[] b) {
    return Arrays.compareUnsigned(a, b);
  }

  /** Behind every key of the queue; ids and positions are never negative, so there is one. */
  static byte[] end(long queueId) {
    return at(queueId, -1);
  }

  static long queueId(byte[] key) {
    return (long) LONG.get(key, 0);
  }

  static long bodyId(byte[] key) {
    return (long) LONG.get(key, 0);
  }

  static long number(byte[] key) {
    return (long) LONG.get(key, 8);
  }
}
