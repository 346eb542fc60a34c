package org.warrenmq.codec;

/** Queues and their bindings (class 50). Immutable, any thread. */
public sealed interface QueueMethod extends Method {
  /** Id of the class. */
  int CLASS_ID = 50;

  @Override
  default int classId() {
    return CLASS_ID;
  }

  /** Creates a queue, or checks for it. */
  record Declare(
      String queue,
      boolean passive,
      boolean durable,
      boolean exclusive,
      boolean autoDelete,
      boolean nowait,
      FieldTable arguments)
      implements QueueMethod {
    /** Id of the method. */
    public static final int ID = 10;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** The queue exists. */
  record DeclareOk(String queue, long messageCount, long consumerCount) implements QueueMethod {
    /** Id of the method. */
    public static final int ID = 11;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** Binds a queue to an exchange. */
  record Bind(
      String queue, String exchange, String routingKey, boolean nowait, FieldTable arguments)
      implements QueueMethod {
    /** Id of the method. */
    public static final int ID = 20;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** The binding exists. */
  record BindOk() implements QueueMethod {
    /** Id of the method. */
    public static final int ID = 21;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** Drops the ready messages of a queue. */
  record Purge(String queue, boolean nowait) implements QueueMethod {
    /** Id of the method. */
    public static final int ID = 30;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** How many messages were dropped. */
  record PurgeOk(long messageCount) implements QueueMethod {
    /** Id of the method. */
    public static final int ID = 31;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** Deletes a queue. */
  record Delete(String queue, boolean ifUnused, boolean ifEmpty, boolean nowait)
      implements QueueMethod {
    /** Id of the method. */
    public static final int ID = 40;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** How many messages went with the queue. */
  record DeleteOk(long messageCount) implements QueueMethod {
    /** Id of the method. */
    public static final int ID = 41;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** Removes a binding of a queue. */
  record Unbind(String queue, String exchange, String routingKey, FieldTable arguments)
      implements QueueMethod {
    /** Id of the method. */
    public static final int ID = 50;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** The binding is gone. */
  record UnbindOk() implements QueueMethod {
    /** Id of the method. */
    public static final int ID = 51;

    @Override
    public int methodId() {
      return ID;
    }
  }
}
