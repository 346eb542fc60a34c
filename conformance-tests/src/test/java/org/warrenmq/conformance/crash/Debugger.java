package org.warrenmq.conformance.crash;

import com.sun.jdi.ArrayReference;
import com.sun.jdi.ArrayType;
import com.sun.jdi.Bootstrap;
import com.sun.jdi.ReferenceType;
import com.sun.jdi.VMDisconnectedException;
import com.sun.jdi.VMOutOfMemoryException;
import com.sun.jdi.VirtualMachine;
import com.sun.jdi.connect.AttachingConnector;
import com.sun.jdi.connect.Connector;
import com.sun.jdi.event.ClassPrepareEvent;
import com.sun.jdi.event.Event;
import com.sun.jdi.event.EventSet;
import com.sun.jdi.event.ExceptionEvent;
import com.sun.jdi.event.VMDisconnectEvent;
import com.sun.jdi.request.ClassPrepareRequest;
import com.sun.jdi.request.EventRequest;
import com.sun.jdi.request.EventRequestManager;
import com.sun.jdi.request.ExceptionRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.warrenmq.conformance.BrokerProcess;
import org.warrenmq.conformance.BrokerProcess.Launch;

/**
 * Lets something happen in a broker's process that no client can bring about: a throwable at a
 * chosen place, a thread that hangs, a heap that is full. A debugger does it, so the broker has
 * nothing in it for such tests. Used by the test thread.
 */
final class Debugger implements AutoCloseable {
  private static final String AGENT =
      "-agentlib:jdwp=transport=dt_socket,server=y,address=127.0.0.1:0,suspend=";

  private static final Pattern LISTENING =
      Pattern.compile("Listening for transport dt_socket at address: (\\d+)");

  /** The first start may build the broker. */
  private static final Duration START_LIMIT = Duration.ofMinutes(4);

  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int LARGEST = 1 << 20;
  private static final int SMALLEST = 16;

  private final VirtualMachine vm;

  private Debugger(VirtualMachine vm) {
    this.vm = vm;
  }

  /** A broker to which a debugger may come at any time. */
  static Launch allowed(Launch how) {
    return how.withJavaOptions(AGENT + "n");
  }

  /** A broker that waits for one before it does anything. */
  static Launch awaited(Launch how) {
    return how.withJavaOptions(AGENT + "y");
  }

  static Debugger attach(BrokerProcess broker) throws Exception {
    Awaitility.await("the debugger's port")
        .atMost(START_LIMIT)
        .until(() -> !port(broker).isEmpty());
    AttachingConnector sockets =
        Bootstrap.virtualMachineManager().attachingConnectors().stream()
            .filter(connector -> connector.name().equals("com.sun.jdi.SocketAttach"))
            .findFirst()
            .orElseThrow();
    Map<String, Connector.Argument> arguments = sockets.defaultArguments();
    arguments.get("hostname").setValue("127.0.0.1");
    arguments.get("port").setValue(port(broker));
    return new Debugger(sockets.attach(arguments));
  }

  private static String port(BrokerProcess broker) {
    return broker.log().stream()
        .map(LISTENING::matcher)
        .filter(Matcher::find)
        .map(found -> found.group(1))
        .findFirst()
        .orElse("");
  }

  // ---------------------------------------------------------------- throwing

  /**
   * Lets the next call of a method fail.
   *
   * @param lead leads there, on a thread of its own: what it does may never be answered
   * @return when that was, as {@link System#nanoTime} says
   */
  long throwAt(Sabotage where, Class<? extends Throwable> kind, Runnable lead) throws Exception {
    watchFor(kind);
    List<ReferenceType> loaded = vm.classesByName(where.className());
    if (loaded.isEmpty()) {
      ClassPrepareRequest soon = requests().createClassPrepareRequest();
      soon.addClassFilter(where.className());
      soon.enable();
      ClassPrepareEvent now = await(ClassPrepareEvent.class, where.className());
      vm.redefineClasses(Map.of(now.referenceType(), where.with(kind)));
      vm.resume();
    } else {
      vm.redefineClasses(Map.of(loaded.getFirst(), where.with(kind)));
    }
    return thrown(kind, lead);
  }

  /**
   * Waits until something of a kind is thrown anywhere.
   *
   * @param lead leads there, on a thread of its own
   * @return when that was, as {@link System#nanoTime} says
   */
  long awaitThrown(Class<? extends Throwable> kind, Runnable lead) throws Exception {
    watchFor(kind);
    return thrown(kind, lead);
  }

  private void watchFor(Class<? extends Throwable> kind) {
    ReferenceType type = vm.classesByName(kind.getName()).getFirst();
    ExceptionRequest thrown = requests().createExceptionRequest(type, true, true);
    thrown.setSuspendPolicy(EventRequest.SUSPEND_NONE);
    thrown.enable();
  }

  private long thrown(Class<? extends Throwable> kind, Runnable lead) throws InterruptedException {
    Thread.ofVirtual().name("lead").start(lead);
    await(ExceptionEvent.class, kind.getName());
    return System.nanoTime();
  }

  private EventRequestManager requests() {
    return vm.eventRequestManager();
  }

  /** The first event of its kind; what stopped for it stands still. */
  private <E extends Event> E await(Class<E> kind, String what) throws InterruptedException {
    long until = System.nanoTime() + LIMIT.toNanos();
    while (until - System.nanoTime() > 0) {
      EventSet events = vm.eventQueue().remove(LIMIT.toMillis());
      for (Event event : events == null ? List.<Event>of() : events) {
        if (kind.isInstance(event)) {
          return kind.cast(event);
        }
        if (event instanceof VMDisconnectEvent) {
          throw new AssertionError("it ended before it came to " + what);
        }
      }
      if (events != null) {
        // The start of the process, for one.
        events.resume();
      }
    }
    throw new AssertionError("it never came to " + what);
  }

  // ---------------------------------------------------------------- other faults

  /** A thread of this name stands still from now on. */
  void hang(String thread) {
    vm.allThreads().stream()
        .filter(one -> one.name().equals(thread))
        .findFirst()
        .orElseThrow()
        .suspend();
  }

  /**
   * Fills the heap to the last few octets and keeps it so, while everything stands still.
   *
   * @return when everything went on, as {@link System#nanoTime} says
   */
  long fillHeap() {
    vm.suspend();
    ArrayType octets = (ArrayType) vm.classesByName("byte[]").getFirst();
    for (int size = LARGEST; size >= SMALLEST; size /= 2) {
      while (takes(octets, size)) {
        // Once more.
      }
    }
    long now = System.nanoTime();
    vm.resume();
    return now;
  }

  private static boolean takes(ArrayType octets, int size) {
    try {
      ArrayReference taken = octets.newInstance(size);
      taken.disableCollection();
      return true;
    } catch (VMOutOfMemoryException e) {
      return false;
    }
  }

  /** What stood still goes on, and the heap is given back, if the process has not ended. */
  @Override
  public void close() {
    try {
      vm.dispose();
    } catch (VMDisconnectedException e) {
      // It has.
    }
  }
}
