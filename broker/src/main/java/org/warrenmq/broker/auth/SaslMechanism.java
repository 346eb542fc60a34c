package org.warrenmq.broker.auth;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.AmqpError;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldTableCodec;

/** The ways to log in that connection.start offers; all of them take one step. */
public enum SaslMechanism {
  /** RFC 4616: {@code authzid NUL name NUL password}. */
  PLAIN {
    @Override
    public @Nullable User login(byte[] response, AuthBackend backend, InetAddress peer) {
      String text = new String(response, StandardCharsets.UTF_8);
      int first = text.indexOf('\0');
      int second = text.indexOf('\0', first + 1);
      return first < 0 || second < 0
          ? null
          : backend.login(text.substring(first + 1, second), text.substring(second + 1), peer);
    }
  },

  /** AMQP 0-8's: a field table without its length, with LOGIN and PASSWORD. */
  AMQPLAIN {
    @Override
    public @Nullable User login(byte[] response, AuthBackend backend, InetAddress peer) {
      FieldTable table = table(response);
      String name = table.getString("LOGIN");
      String password = table.getString("PASSWORD");
      return name == null || password == null ? null : backend.login(name, password, peer);
    }

    private static FieldTable table(byte[] response) {
      ByteBuf sized = Unpooled.buffer(response.length + 4);
      try {
        return FieldTableCodec.read(sized.writeInt(response.length).writeBytes(response));
      } catch (AmqpError malformed) {
        return FieldTable.EMPTY;
      } finally {
        sized.release();
      }
    }
  },

  /** RFC 4505: the response is ignored. */
  ANONYMOUS {
    @Override
    public @Nullable User login(byte[] response, AuthBackend backend, InetAddress peer) {
      return backend.anonymous(peer);
    }
  };

  /** The user, or null when the credentials are malformed or refused. */
  public abstract @Nullable User login(byte[] response, AuthBackend backend, InetAddress peer);

  /** The mechanism of that name, or null. */
  public static @Nullable SaslMechanism named(String name) {
    for (SaslMechanism mechanism : values()) {
      if (mechanism.name().equals(name)) {
        return mechanism;
      }
    }
    return null;
  }
}
