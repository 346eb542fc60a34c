package org.warrenmq.conformance;

import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.TestWatcher;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Collects the {@link Behaviour} numbers of finished tests on the test threads and prints, once, at
 * the end of the whole run, those that no test has failed.
 */
public final class BehaviourCoverage implements TestWatcher {
  private static final Namespace NAMESPACE = Namespace.create(BehaviourCoverage.class);

  @Override
  public void testSuccessful(ExtensionContext context) {
    forEachLine(context, line -> covered(context).proved.add(line));
  }

  @Override
  public void testFailed(ExtensionContext context, @Nullable Throwable cause) {
    forEachLine(context, line -> covered(context).failed.add(line));
  }

  @Override
  public void testAborted(ExtensionContext context, @Nullable Throwable cause) {
    testFailed(context, cause);
  }

  private static void forEachLine(ExtensionContext context, IntConsumer action) {
    AnnotationSupport.findAnnotation(context.getElement(), Behaviour.class)
        .ifPresent(behaviour -> forEach(behaviour, action));
    AnnotationSupport.findAnnotation(context.getTestClass(), Behaviour.class)
        .ifPresent(behaviour -> forEach(behaviour, action));
  }

  private static void forEach(Behaviour behaviour, IntConsumer action) {
    for (int line : behaviour.value()) {
      action.accept(line);
    }
  }

  private static Covered covered(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(NAMESPACE)
        .computeIfAbsent(Covered.class, key -> new Covered(), Covered.class);
  }

  /** Lives in the root store, which closes it when the run ends. */
  private static final class Covered implements AutoCloseable {
    private final ConcurrentSkipListSet<Integer> proved = new ConcurrentSkipListSet<>();
    private final ConcurrentSkipListSet<Integer> failed = new ConcurrentSkipListSet<>();

    @Override
    public void close() {
      TreeSet<Integer> lines = new TreeSet<>(proved);
      lines.removeAll(failed);
      String list = lines.stream().map(String::valueOf).collect(Collectors.joining(", "));
      System.out.println("behaviours covered: " + lines.size() + " (" + list + ")");
    }
  }
}
