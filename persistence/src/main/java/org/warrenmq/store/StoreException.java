package org.warrenmq.store;

import org.jspecify.annotations.Nullable;

/**
 * The store cannot be opened, read or written; its message is one sentence for the operator. Thrown
 * on the caller's thread, or handed to the failure callback on the store's own.
 */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StoreException(String sentence, @Nullable Throwable cause) {
    super(sentence, cause);
  }

  public StoreException(String sentence) {
    super(sentence);
  }
}
