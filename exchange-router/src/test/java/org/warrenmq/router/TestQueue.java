package org.warrenmq.router;

/** A queue that is nothing but its name. */
final class TestQueue implements QueueDestination {
  private final String name;

  TestQueue(String name) {
    this.name = name;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public String toString() {
    return "queue " + name;
  }
}
