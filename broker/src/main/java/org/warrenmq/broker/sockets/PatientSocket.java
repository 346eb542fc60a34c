package org.warrenmq.broker.sockets;

import io.netty.channel.IoEvent;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import org.warrenmq.engine.loop.NodeFault;

/**
 * A socket as it stands between epoll and Netty's channel, which takes it for its registration. It
 * passes everything on, but keeps the end of the peer to itself until {@link #finish()}: until then
 * the connection lives on as if it had not come. Runs on the event loop's thread.
 */
final class PatientSocket implements EpollIoHandle, IoRegistration {
  private static final EpollIoOps NOTHING = EpollIoOps.valueOf(0);

  private final EpollIoHandle channel;
  private final Queue<PatientSocket> ended;
  private @Nullable IoRegistration epoll;
  private @Nullable IoEvent end;
  private boolean cancelled;

  /**
   * @param ended takes it when its peer has ended
   */
  PatientSocket(EpollIoHandle channel, Queue<PatientSocket> ended) {
    this.channel = channel;
    this.ended = ended;
  }

  void registered(IoRegistration epoll) {
    this.epoll = epoll;
  }

  private IoRegistration epoll() {
    if (epoll == null) {
      throw new IllegalStateException("not registered yet");
    }
    return epoll;
  }

  // What epoll reports.

  @Override
  public void handle(IoRegistration registration, IoEvent event) {
    EpollIoOps ready = ((EpollIoEvent) event).ops();
    if (end == null && !ready.contains(EpollIoOps.EPOLLRDHUP)) {
      handOn(event);
      return;
    }
    // An error is reported again and again, wanted or not, until the socket is taken out of epoll.
    if (end != null || ready.contains(EpollIoOps.EPOLLERR)) {
      registration.cancel();
    } else {
      registration.submit(NOTHING);
    }
    if (end == null) {
      end = event;
      ended.add(this);
    }
  }

  private void handOn(IoEvent event) {
    try {
      channel.handle(this, event);
    } catch (RuntimeException e) {
      // Netty would write it to the log, forget what else epoll reported, and sleep for a second.
      NodeFault.report(e);
    }
  }

  /** Lets the channel have the end: it reads what is left before it, and closes. */
  void finish() throws Exception {
    if (end != null && !cancelled) {
      channel.handle(this, end);
    }
    if (!cancelled) {
      // Nothing would be reported of it any more.
      channel.close();
    }
  }

  @Override
  public FileDescriptor fd() {
    return channel.fd();
  }

  @Override
  public void registered() {
    channel.registered();
  }

  @Override
  public void unregistered() {
    channel.unregistered();
  }

  @Override
  public void close() throws Exception {
    channel.close();
  }

  // What the channel asks for.

  @Override
  public long submit(IoOps ops) {
    return end == null ? epoll().submit(ops) : -1;
  }

  @Override
  public <T> T attachment() {
    return epoll().attachment();
  }

  @Override
  public boolean isValid() {
    return !cancelled;
  }

  @Override
  public boolean cancel() {
    if (cancelled) {
      return false;
    }
    cancelled = true;
    epoll().cancel();
    return true;
  }
}
