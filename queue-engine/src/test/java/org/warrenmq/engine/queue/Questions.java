package org.warrenmq.engine.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.Room;

/** What was asked and not answered yet; each question is answered once. On the test's thread. */
final class Questions {
  private final Set<String> open = new HashSet<>();
  private long asked;

  /** The return address of a new question. */
  <T extends @Nullable Object> ReplyTo<T> ask(Room room, String what, Consumer<T> action) {
    String question = what + " #" + asked++;
    open.add(question);
    return new ReplyTo<>(
        room,
        answer -> {
          assertThat(open.remove(question)).as("one answer to %s", question).isTrue();
          action.accept(answer);
        });
  }

  Set<String> open() {
    return open;
  }

  long asked() {
    return asked;
  }
}
