package org.warrenmq.store;

import java.nio.charset.StandardCharsets;

/**
 * Names a definition; immutable. Kinds are the caller's own numbering, and lists come back ordered
 * by kind, then by the bytes of the name.
 *
 * @param kind 0 to 255
 * @param name unique within its kind; stored as UTF-8, so it must not hold lone surrogates
 */
public record DefinitionKey(int kind, String name) {
  public DefinitionKey {
    if (kind < 0 || kind > 255) {
      throw new IllegalArgumentException("a definition's kind is 0 to 255, not " + kind);
    }
  }

  byte[] encoded() {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    byte[] key = new byte[text.length + 1];
    key[0] = (byte) kind;
    System.arraycopy(text, 0, key, 1, text.length);
    return key;
  }

  static DefinitionKey decode(byte[] key) {
    return new DefinitionKey(
        key[0] & 0xff, new String(key, 1, key.length - 1, StandardCharsets.UTF_8));
  }
}
