package org.warrenmq.codec;

/** Exchanges and the bindings between them (class 40). Immutable, any thread. */
public sealed interface ExchangeMethod extends Method {
  /** Id of the class. */
  int CLASS_ID = 40;

  @Override
  default int classId() {
    return CLASS_ID;
  }

  /** Creates an exchange, or checks for it. */
  record Declare(
      String exchange,
      String type,
      boolean passive,
      boolean durable,
      boolean autoDelete,
      boolean internal,
      boolean nowait,
      FieldTable arguments)
      implements ExchangeMethod {
    /** Id of the method. */
    public static final int ID = 10;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** The exchange exists. */
  record DeclareOk() implements ExchangeMethod {
    /** Id of the method. */
    public static final int ID = 11;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** Deletes an exchange. */
  record Delete(String exchange, boolean ifUnused, boolean nowait) implements ExchangeMethod {
    /** Id of the method. */
    public static final int ID = 20;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** The exchange is gone. */
  record DeleteOk() implements ExchangeMethod {
    /** Id of the method. */
    public static final int ID = 21;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** Binds an exchange to an exchange. */
  record Bind(
      String destination, String source, String routingKey, boolean nowait, FieldTable arguments)
      implements ExchangeMethod {
    /** Id of the method. */
    public static final int ID = 30;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** The binding exists. */
  record BindOk() implements ExchangeMethod {
    /** Id of the method. */
    public static final int ID = 31;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** Removes a binding between exchanges. */
  record Unbind(
      String destination, String source, String routingKey, boolean nowait, FieldTable arguments)
      implements ExchangeMethod {
    /** Id of the method. */
    public static final int ID = 40;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** The binding is gone. */
  record UnbindOk() implements ExchangeMethod {
    /** Id of the method. */
    public static final int ID = 51;

    @Override
    public int methodId() {
      return ID;
    }
  }
}
