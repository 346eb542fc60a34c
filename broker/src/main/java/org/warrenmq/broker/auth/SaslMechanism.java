package org.warrenmq.broker.auth;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.AmqpError;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldTableCodec;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.codec.WireString;

/** The ways to log in that connection.start may offer; all of them take one step. */
public enum SaslMechanism {
  /**
   * RFC 4616: {@code authzid NUL name NUL password}. As in RabbitMQ nobody acts for somebody else:
   * the first of them is empty.
   */
  PLAIN {
    @Override
    Response read(byte[] response, SaslMechanisms settings, Peer peer) {
      String[] parts = new String(response, StandardCharsets.UTF_8).split("\0", -1);
      return parts.length == 3 && parts[0].isEmpty()
          ? new Response.Of(new Credentials.Password(parts[1], parts[2]))
          : Response.MALFORMED;
    }
  },

  /** AMQP 0-8's: a field table without its length, with LOGIN and PASSWORD. */
  AMQPLAIN {
    @Override
    Response read(byte[] response, SaslMechanisms settings, Peer peer) {
      FieldTable table = table(response);
      String name = text(table.get("LOGIN"));
      String password = text(table.get("PASSWORD"));
      return name == null || password == null
          ? Response.MALFORMED
          : new Response.Of(new Credentials.Password(name, password));
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

  /** RFC 4422: the client's certificate says who it is; the response is ignored. */
  EXTERNAL {
    @Override
    boolean isFor(Peer peer) {
      return peer.encryption() != null;
    }

    @Override
    Response read(byte[] response, SaslMechanisms settings, Peer peer) {
      Encryption encryption = peer.encryption();
      X509Certificate certificate = encryption == null ? null : encryption.certificate();
      if (certificate == null) {
        return new Response.None("connection peer presented no TLS (x.509) certificate");
      }
      String name = settings.certificateName().of(certificate);
      return name == null
          ? new Response.None("no name found in the certificate")
          : new Response.Of(new Credentials.Proven(name));
    }
  },

  /** RFC 4505: the response is ignored. */
  ANONYMOUS {
    @Override
    Response read(byte[] response, SaslMechanisms settings, Peer peer) {
      Credentials.Password anybody = settings.anonymous();
      return anybody == null
          ? new Response.None("anonymous_login_user is none")
          : new Response.Of(anybody);
    }
  };

  /** What a response says. */
  sealed interface Response {
    Response MALFORMED = new None("malformed response");

    record Of(Credentials credentials) implements Response {}

    record None(String why) implements Response {}
  }

  /** Whether a client can use it. */
  boolean isFor(Peer peer) {
    return true;
  }

  abstract Response read(byte[] response, SaslMechanisms settings, Peer peer);

  /** Tries the credentials in the response. */
  public CompletionStage<Login> login(
      byte[] response, SaslMechanisms settings, AuthBackend backend, Peer peer) {
    return switch (read(response, settings, peer)) {
      case Response.Of(Credentials credentials) -> backend.login(credentials, peer);
      case Response.None(String why) -> CompletableFuture.completedStage(new Login.Malformed(why));
    };
  }
}
