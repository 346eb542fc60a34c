package org.warrenmq.broker.sockets;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandle;
import java.util.ArrayDeque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.engine.loop.NodeFault;

/**
 * Netty's epoll for one event loop, but that sockets whose peer has ended are seen off in the order
 * of their ends, a few in every pass: ten thousand clients that vanish at once must not hold up the
 * others. Runs on the loop's thread.
 *
 * <p>epoll reports sockets in the order in which they got ready, so a publisher's comes behind the
 * ends before it. Each end therefore takes as little as it can at that moment, one call into the
 * kernel; the reading and closing of such sockets comes before the next look at all of them.
 */
final class PatientEpoll implements IoHandler {
  /** What a pass of the loop spends on ends: others wait for it, so it is less than they notice. */
  private static final long SLICE_NANOS = 100_000;

  private static final Logger log = LoggerFactory.getLogger(PatientEpoll.class);

  private final IoHandler epoll;
  private final ArrayDeque<PatientSocket> ended = new ArrayDeque<>();

  PatientEpoll(IoHandler epoll) {
    this.epoll = epoll;
  }

  @Override
  public int run(IoHandlerContext context) {
    try {
      if (ended.isEmpty()) {
        return epoll.run(context);
      }
      slice();
      return epoll.run(ended.isEmpty() ? context : new WithoutSleep(context));
    } catch (Error e) {
      // The loop ends by it; Netty would say so in the log, and leave the rest of the node alone.
      NodeFault.report(e);
      throw e;
    }
  }

  private void slice() {
    long began = System.nanoTime();
    do {
      finish(ended.remove());
    } while (!ended.isEmpty() && System.nanoTime() - began < SLICE_NANOS);
  }

  private static void finish(PatientSocket socket) {
    try {
      socket.finish();
    } catch (RuntimeException e) {
      NodeFault.report(e);
    } catch (Exception e) {
      log.error("the end of a socket failed", e);
    }
  }

  @Override
  public IoRegistration register(IoHandle handle) throws Exception {
    PatientSocket socket = new PatientSocket((EpollIoHandle) handle, ended);
    socket.registered(epoll.register(socket));
    return socket;
  }

  @Override
  public void initialize() {
    epoll.initialize();
  }

  @Override
  public void prepareToDestroy() {
    while (!ended.isEmpty()) {
      finish(ended.remove());
    }
    epoll.prepareToDestroy();
  }

  @Override
  public void destroy() {
    epoll.destroy();
  }

  @Override
  public void wakeup() {
    epoll.wakeup();
  }

  @Override
  public boolean isCompatible(Class<? extends IoHandle> handleType) {
    return epoll.isCompatible(handleType);
  }

  /** While ends are waiting the loop does not sleep. */
  private record WithoutSleep(IoHandlerContext context) implements IoHandlerContext {
    @Override
    public boolean canBlock() {
      return false;
    }

    @Override
    public long delayNanos(long currentTimeNanos) {
      return context.delayNanos(currentTimeNanos);
    }

    @Override
    public long deadlineNanos() {
      return context.deadlineNanos();
    }

    @Override
    public void reportActiveIoTime(long activeNanos) {
      context.reportActiveIoTime(activeNanos);
    }

    @Override
    public boolean shouldReportActiveIoTime() {
      return context.shouldReportActiveIoTime();
    }
  }
}
