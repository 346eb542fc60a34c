package org.warrenmq.broker.auth;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.AmqpError;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldTableCodec;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.codec.WireString;

/** The ways to log in that connection.start offers; all of them take one step. */
public enum SaslMechanism {
  /**
   * RFC 4616: {@code authzid NUL name NUL password}. As in RabbitMQ nobody acts for somebody else:
   * the first of them is empty.
   */
  PLAIN {
    @Override
    public CompletionStage<Login> login(byte[] response, AuthBackend backend, Peer peer) {
      String[] parts = new String(response, StandardCharsets.UTF_8).split("\0", -1);
      return parts.length == 3 && parts[0].isEmpty()
          ? backend.login(parts[1], parts[2], peer)
          : malformed();
    }
  },

  /** AMQP 0-8's: a field table without its length, with LOGIN and PASSWORD. */
  AMQPLAIN {
    @Override
    public CompletionStage<Login> login(byte[] response, AuthBackend backend, Peer peer) {
      FieldTable table = table(response);
      String name = text(table.get("LOGIN"));
      String password = text(table.get("PASSWORD"));
      return name == null || password == null ? malformed() : backend.login(name, password, peer);
    }

    private static FieldTable table(byte[] response) {
      try {
        return FieldTableCodec.readEntries(Unpooled.wrappedBuffer(response));
      } catch (AmqpError malformed) {
        return FieldTable.EMPTY;
      }
    }

    private static @Nullable String text(@Nullable FieldValue value) {
      return switch (value) {
        case FieldValue.LongString(String text) -> text;
        case FieldValue.Bytes(byte[] octets) -> WireString.decode(octets, 0, octets.length);
        case null, default -> null;
      };
    }
  },

  /** RFC 4505: the response is ignored. */
  ANONYMOUS {
    @Override
    public CompletionStage<Login> login(byte[] response, AuthBackend backend, Peer peer) {
      return backend.anonymous(peer);
    }
  };

  /** Tries the credentials in the response. */
  public abstract CompletionStage<Login> login(byte[] response, AuthBackend backend, Peer peer);

  private static CompletionStage<Login> malformed() {
    return CompletableFuture.completedStage(new Login.Malformed());
  }

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
