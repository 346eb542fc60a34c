package org.warrenmq.engine.loop;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The return address of a question: which room asked, and what it does with the answer.
 *
 * @param room where the answer is opened
 * @param action what happens there
 */
public record ReplyTo<T extends @Nullable Object>(Room room, Consumer<T> action) {
  /** The answer as mail, to be posted to {@link #room()}. */
  public Mail with(T answer) {
    return () -> action.accept(answer);
  }
}
