package org.warrenmq.admin.definitions;

/**
 * A document is not what it has to be: which object of it, and which field. It has no stack trace:
 * it is somebody's document. Immutable.
 */
public final class DefinitionFault extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  DefinitionFault(String message) {
    super(message);
  }

  /**
   * @param object which one of the document
   */
  DefinitionFault(String object, String fault) {
    this(object + ": " + fault);
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
