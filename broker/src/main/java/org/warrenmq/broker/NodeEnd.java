package org.warrenmq.broker;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The end of the process when something failed that nobody expected: at once, with one line that
 * says what and where. Takes the place of the default handler of uncaught exceptions; runs on the
 * thread that failed, and beside it on a thread of its own that sees to it that nothing, not even a
 * log that nobody reads, keeps the process alive.
 *
 * <p>Memory may have run out: until the line is written nothing is allocated.
 */
final class NodeEnd implements Thread.UncaughtExceptionHandler {
  /** Exit code after a fault of the program, or of the memory it was given. */
  static final int FAULT = 70;

  /** Exit code after a failure of the disk. */
  static final int STORAGE = 74;

  private static final long MILLIS = 500;
  private static final int LINE = 1024;
  private static final String BEGINS = "ERROR NodeEnd: the node ends with exit code 70: ";
  private static final String WHERE = ", on thread ";

  private final AtomicBoolean ending = new AtomicBoolean();
  private final FileOutputStream out = new FileOutputStream(FileDescriptor.out);
  private final byte[] line = new byte[LINE];
  private final Thread last = Thread.ofPlatform().daemon().name("warren-end").unstarted(this::end);
  private int length;

  /** A stack trace, in which every throwable's message is on one line. */
  private static final class Trace extends PrintStream {
    Trace(FileOutputStream out) {
      super(out, true);
    }

    @Override
    public void println(@Nullable Object line) {
      String text = String.valueOf(line);
      String indented = text.stripLeading();
      print(text.substring(0, text.length() - indented.length()));
      println(LogText.escaped(indented));
    }
  }

  private NodeEnd() {}

  /** From now on every thread that ends by a throwable ends the process. */
  static void install() {
    NodeEnd end = new NodeEnd();
    // A class makes its name when it is first asked for it, and keeps it.
    end.append(OutOfMemoryError.class.getName());
    end.length = 0;
    // Now: later there may be no memory for a thread.
    end.last.start();
    Thread.setDefaultUncaughtExceptionHandler(end);
  }

  @Override
  public void uncaughtException(Thread thread, Throwable fault) {
    if (!ending.compareAndSet(false, true)) {
      // Another thread was first: this one does nothing any more.
      while (true) {
        LockSupport.park(this);
      }
    }
    LockSupport.unpark(last);
    try {
      write(thread, fault);
      fault.printStackTrace(new Trace(out));
    } catch (Throwable e) {
      // What could be said is said.
    } finally {
      Runtime.getRuntime().halt(FAULT);
    }
  }

  private void write(Thread thread, Throwable fault) throws IOException {
    append(BEGINS);
    append(fault.getClass().getName());
    String message = fault.getMessage();
    if (message != null) {
      append(": ");
      append(message);
    }
    append(WHERE);
    append(thread.getName());
    line[length++] = '\n';
    out.write(line, 0, length);
  }

  /** Printable ASCII; the rest, and what would be too long, is left out. */
  private void append(String text) {
    for (int i = 0; i < text.length() && length < LINE - 1; i++) {
      char c = text.charAt(i);
      line[length++] = c >= ' ' && c < 0x7f ? (byte) c : (byte) '?';
    }
  }

  /** Waits until somebody ends, and then not for long. */
  private void end() {
    while (!ending.get()) {
      LockSupport.park(this);
    }
    long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(MILLIS);
    while (until - System.nanoTime() > 0) {
      LockSupport.parkNanos(this, until - System.nanoTime());
    }
    Runtime.getRuntime().halt(FAULT);
  }
}
