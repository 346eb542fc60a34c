package org.warrenmq.codec;

/** Transactions (class 90). Immutable, any thread. */
public sealed interface TxMethod extends Method {
  /** Id of the class. */
  int CLASS_ID = 90;

  @Override
  default int classId() {
    return CLASS_ID;
  }

  /** Puts the channel into transaction mode. */
  record Select() implements TxMethod {
    /** Id of the method. */
    public static final int ID = 10;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** The channel is transactional. */
  record SelectOk() implements TxMethod {
    /** Id of the method. */
    public static final int ID = 11;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** Makes publishes and settlements effective. */
  record Commit() implements TxMethod {
    /** Id of the method. */
    public static final int ID = 20;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** The transaction is committed. */
  record CommitOk() implements TxMethod {
    /** Id of the method. */
    public static final int ID = 21;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** Drops publishes and settlements. */
  record Rollback() implements TxMethod {
    /** Id of the method. */
    public static final int ID = 30;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** The transaction is rolled back. */
  record RollbackOk() implements TxMethod {
    /** Id of the method. */
    public static final int ID = 31;

    @Override
    public int methodId() {
      return ID;
    }
  }
}
