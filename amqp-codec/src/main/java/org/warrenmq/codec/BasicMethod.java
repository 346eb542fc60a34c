package org.warrenmq.codec;

/** Publishing, consuming and settling of messages (class 60). Immutable, any thread. */
public sealed interface BasicMethod extends Method {
  /** Id of the class. */
  int CLASS_ID = 60;

  @Override
  default int classId() {
    return CLASS_ID;
  }

  /** Sets a prefetch limit. */
  record Qos(long prefetchSize, int prefetchCount, boolean global) implements BasicMethod {
    /** Id of the method. */
    public static final int ID = 10;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** The limit is set. */
  record QosOk() implements BasicMethod {
    /** Id of the method. */
    public static final int ID = 11;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** Starts a consumer. */
  record Consume(
      String queue,
      String consumerTag,
      boolean noLocal,
      boolean noAck,
      boolean exclusive,
      boolean nowait,
      FieldTable arguments)
      implements BasicMethod {
    /** Id of the method. */
    public static final int ID = 20;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** The consumer runs. */
  record ConsumeOk(String consumerTag) implements BasicMethod {
    /** Id of the method. */
    public static final int ID = 21;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** Ends a consumer. */
  record Cancel(String consumerTag, boolean nowait) implements BasicMethod {
    /** Id of the method. */
    public static final int ID = 30;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** The consumer is gone. */
  record CancelOk(String consumerTag) implements BasicMethod {
    /** Id of the method. */
    public static final int ID = 31;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** Publishes a message; content follows. */
  record Publish(String exchange, String routingKey, boolean mandatory, boolean immediate)
      implements BasicMethod {
    /** Id of the method. */
    public static final int ID = 40;

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public boolean hasContent() {
      return true;
    }
  }

  /** Gives a message back that could not be routed; content follows. */
  record Return(int replyCode, String replyText, String exchange, String routingKey)
      implements BasicMethod {
    /** Id of the method. */
    public static final int ID = 50;

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public boolean hasContent() {
      return true;
    }
  }

  /** A message for a consumer; content follows. */
  record Deliver(
      String consumerTag, long deliveryTag, boolean redelivered, String exchange, String routingKey)
      implements BasicMethod {
    /** Id of the method. */
    public static final int ID = 60;

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public boolean hasContent() {
      return true;
    }
  }

  /** Asks for one message. */
  record Get(String queue, boolean noAck) implements BasicMethod {
    /** Id of the method. */
    public static final int ID = 70;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** The message asked for; content follows. */
  record GetOk(
      long deliveryTag, boolean redelivered, String exchange, String routingKey, long messageCount)
      implements BasicMethod {
    /** Id of the method. */
    public static final int ID = 71;

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public boolean hasContent() {
      return true;
    }
  }

  /** There was no message to get. */
  record GetEmpty() implements BasicMethod {
    /** Id of the method. */
    public static final int ID = 72;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** Settles deliveries as done, or confirms publishes. */
  record Ack(long deliveryTag, boolean multiple) implements BasicMethod {
    /** Id of the method. */
    public static final int ID = 80;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** Refuses one delivery. */
  record Reject(long deliveryTag, boolean requeue) implements BasicMethod {
    /** Id of the method. */
    public static final int ID = 90;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** Requeues all unacknowledged deliveries, without a reply. */
  record RecoverAsync(boolean requeue) implements BasicMethod {
    /** Id of the method. */
    public static final int ID = 100;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** Requeues all unacknowledged deliveries. */
  record Recover(boolean requeue) implements BasicMethod {
    /** Id of the method. */
    public static final int ID = 110;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** The deliveries were requeued. */
  record RecoverOk() implements BasicMethod {
    /** Id of the method. */
    public static final int ID = 111;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** Refuses deliveries, or a publish. */
  record Nack(long deliveryTag, boolean multiple, boolean requeue) implements BasicMethod {
    /** Id of the method. */
    public static final int ID = 120;

    @Override
    public int methodId() {
      return ID;
    }
  }
}
