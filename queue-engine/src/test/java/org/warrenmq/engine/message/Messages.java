package org.warrenmq.engine.message;

import org.warrenmq.codec.Body;
import org.warrenmq.codec.Content;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.codec.PropertyEdit;

/** Messages to test with; stateless, any thread. */
public final class Messages {
  private static final byte[] NO_PROPERTIES = {0, 0};

  private Messages() {}

  /** A message of its own identity that can be recognised by its key. */
  public static Message of(String key, int size) {
    return new Message(
        "exchange", key, new Content(NO_PROPERTIES, new Body.Inline(new byte[size])), false);
  }

  /** The same, and it outlives the process where the queue does. */
  public static Message lasting(String key, int size) {
    return new Message(
        "exchange", key, new Content(NO_PROPERTIES, new Body.Inline(new byte[size])), true);
  }

  /** Properties of a message with a group, by which it can be recognised. */
  public static byte[] grouped(String header, int group, long number) {
    FieldTable headers =
        FieldTable.of(header, FieldValue.of(group)).with("number", FieldValue.of(number));
    return PropertyEdit.withHeaders(NO_PROPERTIES, headers);
  }

  public static Message of(long number) {
    return of("m" + number, 3);
  }
}
