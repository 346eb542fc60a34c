package org.warrenmq.codec;

/** Publisher confirms (class 85). Immutable, any thread. */
public sealed interface ConfirmMethod extends Method {
  /** Id of the class. */
  int CLASS_ID = 85;

  @Override
  default int classId() {
    return CLASS_ID;
  }

  /** Puts the channel into confirm mode. */
  record Select(boolean nowait) implements ConfirmMethod {
    /** Id of the method. */
    public static final int ID = 10;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** The channel confirms publishes. */
  record SelectOk() implements ConfirmMethod {
    /** Id of the method. */
    public static final int ID = 11;

    @Override
    public int methodId() {
      return ID;
    }
  }
}
