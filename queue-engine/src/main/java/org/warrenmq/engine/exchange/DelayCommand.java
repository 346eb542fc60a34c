package org.warrenmq.engine.exchange;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.loop.Mail;
import org.warrenmq.engine.loop.ReplyTo;

/**
 * What else than a publish can be asked of {@link Delays}: opened in their room. Once they have
 * ended the answer is null.
 */
public sealed interface DelayCommand extends Mail {
  Delays delays();

  @Override
  default void open() {
    delays().accept(this);
  }

  /** How many messages wait; those count that are under way to queues which have not taken them. */
  record Count(Delays delays, ReplyTo<@Nullable Long> reply) implements DelayCommand {}

  /**
   * Some of them, by due time.
   *
   * @param from the first place wanted
   * @param limit messages at most; fewer may come, but at least one if there is one
   */
  record ListSome(Delays delays, Place from, int limit, ReplyTo<@Nullable Page> reply)
      implements DelayCommand {}

  /** Takes one out, whoever published it; answers whether it still waited. */
  record Cancel(Delays delays, Place place, ReplyTo<@Nullable Boolean> reply)
      implements DelayCommand {}

  /**
   * The answer to {@link ListSome}.
   *
   * @param resumeAt where the next one goes on; null when there are no more
   */
  record Page(List<Waiting> messages, @Nullable Place resumeAt) {}

  /**
   * One that waits.
   *
   * @param size bytes of its body
   * @param lasting whether it outlives a restart
   */
  record Waiting(Place place, String exchange, String routingKey, long size, boolean lasting) {}
}
