package org.warrenmq.broker.tls;

/** A file is not what TLS needs: says why, without naming it. */
final class BadTlsFile extends Exception {
  private static final long serialVersionUID = 1L;

  BadTlsFile(String why) {
    super(why);
  }

  BadTlsFile(String why, Exception cause) {
    super(why, cause);
  }

  /** Why, to be read behind the file's name. */
  String why() {
    return String.valueOf(getMessage());
  }
}
