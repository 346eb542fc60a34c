package org.warrenmq.codec;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Start, tune, open and close of a connection (class 10). Immutable, any thread. */
public sealed interface ConnectionMethod extends Method {
  /** Id of the class. */
  int CLASS_ID = 10;

  @Override
  default int classId() {
    return CLASS_ID;
  }

  /** The server presents itself. */
  record Start(
      int versionMajor,
      int versionMinor,
      FieldTable serverProperties,
      String mechanisms,
      String locales)
      implements ConnectionMethod {
    /** Id of the method. */
    public static final int ID = 10;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** The client presents itself and begins to authenticate. */
  record StartOk(FieldTable clientProperties, String mechanism, byte[] response, String locale)
      implements ConnectionMethod {
    /** Id of the method. */
    public static final int ID = 11;

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof StartOk that
          && clientProperties.equals(that.clientProperties)
          && mechanism.equals(that.mechanism)
          && Arrays.equals(response, that.response)
          && locale.equals(that.locale);
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(response) + locale.hashCode();
    }

    /** Leaves the secret out. */
    @Override
    public String toString() {
      return "StartOk[clientProperties="
          + clientProperties
          + ", mechanism="
          + mechanism
          + ", response="
          + response.length
          + " octets"
          + ", locale="
          + locale
          + "]";
    }
  }

  /** A further challenge of the authentication mechanism. */
  record Secure(byte[] challenge) implements ConnectionMethod {
    /** Id of the method. */
    public static final int ID = 20;

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Secure that && Arrays.equals(challenge, that.challenge);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(challenge);
    }

    /** Leaves the secret out. */
    @Override
    public String toString() {
      return "Secure[challenge=" + challenge.length + " octets]";
    }
  }

  /** The answer to a challenge. */
  record SecureOk(byte[] response) implements ConnectionMethod {
    /** Id of the method. */
    public static final int ID = 21;

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof SecureOk that && Arrays.equals(response, that.response);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(response);
    }

    /** Leaves the secret out. */
    @Override
    public String toString() {
      return "SecureOk[response=" + response.length + " octets]";
    }
  }

  /** The server's limits. */
  record Tune(int channelMax, long frameMax, int heartbeat) implements ConnectionMethod {
    /** Id of the method. */
    public static final int ID = 30;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** The limits the client chose. */
  record TuneOk(int channelMax, long frameMax, int heartbeat) implements ConnectionMethod {
    /** Id of the method. */
    public static final int ID = 31;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** Opens a virtual host. */
  record Open(String virtualHost) implements ConnectionMethod {
    /** Id of the method. */
    public static final int ID = 40;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** The connection is open. */
  record OpenOk() implements ConnectionMethod {
    /** Id of the method. */
    public static final int ID = 41;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** Ends the connection; the ids name the method that failed, or are 0. */
  record Close(int replyCode, String replyText, int failingClassId, int failingMethodId)
      implements ConnectionMethod {
    /** Id of the method. */
    public static final int ID = 50;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** The peer saw the close. */
  record CloseOk() implements ConnectionMethod {
    /** Id of the method. */
    public static final int ID = 51;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** Publishing is held back. */
  record Blocked(String reason) implements ConnectionMethod {
    /** Id of the method. */
    public static final int ID = 60;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** Publishing may go on. */
  record Unblocked() implements ConnectionMethod {
    /** Id of the method. */
    public static final int ID = 61;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** Replaces the secret the connection was authenticated with. */
  record UpdateSecret(byte[] newSecret, String reason) implements ConnectionMethod {
    /** Id of the method. */
    public static final int ID = 70;

    @Override
    public int methodId() {
      return ID;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof UpdateSecret that
          && Arrays.equals(newSecret, that.newSecret)
          && reason.equals(that.reason);
    }

    @Override
    public int hashCode() {
      return 31 * Arrays.hashCode(newSecret) + reason.hashCode();
    }

    /** Leaves the secret out. */
    @Override
    public String toString() {
      return "UpdateSecret[newSecret=" + newSecret.length + " octets, reason=" + reason + "]";
    }
  }

  /** The new secret was taken. */
  record UpdateSecretOk() implements ConnectionMethod {
    /** Id of the method. */
    public static final int ID = 71;

    @Override
    public int methodId() {
      return ID;
    }
  }
}
