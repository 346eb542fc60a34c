package org.warrenmq.broker.topology;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.queue.QueueCommand.Configure;
import org.warrenmq.engine.queue.QueueSettings;
import org.warrenmq.router.Exchange;

/**
 * Tells queues and exchanges that were there before of policies that have changed. Lives in the
 * topology's room.
 *
 * <p>A few go at a time, and the next ones some time after these have heard of it: other commands
 * come in between, and event loops have their time for others. Each goes by the policies of that
 * moment, so what is declared or set meanwhile needs no care. One sweep at a time goes through a
 * virtual host; who changes policies during it waits for the next one, which all share.
 */
final class PolicySweep {
  /** Queues that are changed in one go. */
  private static final int SLICE = 16;

  /** Milliseconds from one go to the next, of which a go takes about a tenth. */
  private static final int PAUSE = 1;

  /** Queues and exchanges that are looked at in one go. */
  private static final int MOST_LOOKED_AT = 128;

  private final TopologyRoom room;
  private final Map<VirtualHost, Sweep> sweeps = new HashMap<>();

  PolicySweep(TopologyRoom room) {
    this.room = room;
  }

  /**
   * Policies of a virtual host have changed.
   *
   * @param done run when everything in it goes by them, in the topology's room
   */
  void begin(VirtualHost vhost, Runnable done) {
    Sweep running = sweeps.get(vhost);
    if (running != null) {
      running.waiting.add(done);
    } else {
      start(vhost, List.of(done));
    }
  }

  private void start(VirtualHost vhost, List<Runnable> done) {
    Sweep sweep = new Sweep(vhost, done);
    sweeps.put(vhost, sweep);
    sweep.proceed();
  }

  /** One way through a virtual host. */
  private final class Sweep {
    private final VirtualHost vhost;
    private final List<Runnable> done;
    private final List<Runnable> waiting = new ArrayList<>();
    private final Iterator<Exchange> exchanges;
    private final Iterator<QueueEntry> queues;

    /** Those that have not heard of what was sent to them. */
    private final Set<RoomLoop> told = new HashSet<>();

    Sweep(VirtualHost vhost, List<Runnable> done) {
      this.vhost = vhost;
      this.done = done;
      exchanges = vhost.exchanges().exchanges().iterator();
      queues = vhost.queues().iterator();
    }

    private void proceed() {
      int left = MOST_LOOKED_AT;
      int changes = SLICE;
      while (left > 0 && exchanges.hasNext() && !vhost.isDeleted()) {
        Catalogue.applyPolicies(vhost, exchanges.next());
        left--;
      }
      while (left > 0 && changes > 0 && queues.hasNext() && !vhost.isDeleted()) {
        changes -= adopt(queues.next()) ? 1 : 0;
        left--;
      }
      if (!told.isEmpty()) {
        boolean more = queues.hasNext();
        for (RoomLoop loop : told) {
          room.send(loop, () -> answer(loop, more));
        }
      } else if ((exchanges.hasNext() || queues.hasNext()) && !vhost.isDeleted()) {
        room.post(this::proceed);
      } else {
        end();
      }
    }

    /** On the loop, which has done what it was told. */
    private void answer(RoomLoop loop, boolean more) {
      if (more) {
        var unused = loop.schedule(PAUSE, () -> room.post(() -> heard(loop)));
      } else {
        loop.send(room, () -> heard(loop));
      }
    }

    private void heard(RoomLoop loop) {
      told.remove(loop);
      if (told.isEmpty()) {
        proceed();
      }
    }

    /** Whether this changed anything for a queue. */
    private boolean adopt(QueueEntry queue) {
      AppliedPolicies before = queue.policies();
      AppliedPolicies now = vhost.policies().of(queue.spec());
      if (before.are(now.policy(), now.operator())) {
        return false;
      }
      queue.policies(now);
      QueueSettings settings = QueueMeaning.settings(queue.spec(), now.definition());
      if (settings.equals(QueueMeaning.settings(queue.spec(), before.definition()))) {
        return false;
      }
      room.send(queue.room().loop(), new Configure(queue.room(), settings));
      told.add(queue.room().loop());
      return true;
    }

    private void end() {
      sweeps.remove(vhost);
      if (!waiting.isEmpty()) {
        start(vhost, waiting);
      }
      done.forEach(Runnable::run);
    }
  }
}
