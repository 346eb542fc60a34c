package org.warrenmq.codec;

/** Access tickets (class 30): a relic, answered for old clients' sake. Immutable, any thread. */
public sealed interface AccessMethod extends Method {
  /** Id of the class. */
  int CLASS_ID = 30;

  @Override
  default int classId() {
    return CLASS_ID;
  }

  /** Asks for a ticket. */
  record Request(
      String realm, boolean exclusive, boolean passive, boolean active, boolean write, boolean read)
      implements AccessMethod {
    /** Id of the method. */
    public static final int ID = 10;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** Grants a ticket. */
  record RequestOk(int ticket) implements AccessMethod {
    /** Id of the method. */
    public static final int ID = 11;

    @Override
    public int methodId() {
      return ID;
    }
  }
}
