package org.warrenmq.admin.local;

import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.URLEncoder;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The HTTP API of the broker that runs on a data folder, by the socket in it: for whoever owns the
 * folder, who needs no password. Each request has a connection of its own, so that a command line
 * needs none of a client library, which takes longer to start than it does to ask. Any thread.
 *
 * @param prefix before {@code /api}, as the broker has it
 */
public record LocalApi(Path folder, String prefix) {
  private static final int MAX_HEAD = 64 * 1024;
  private static final String LENGTH = "content-length:";

  /** With paths that have nothing before {@code /api}. */
  public LocalApi(Path folder) {
    this(folder, "");
  }

  /** An answer. */
  public record Answer(int status, String body) {
    public boolean isGood() {
      return status / 100 == 2;
    }

    /** The body as JSON; null for none. */
    public @Nullable Object json() {
      return body.isEmpty() ? null : Json.decodeValue(body);
    }

    /** Why it is not good. */
    public String reason() {
      return Json.decodeValue(body) instanceof JsonObject object
          ? String.valueOf(object.getValue("reason"))
          : body;
    }
  }

  /** A path of parts that may have any characters in them. */
  public static String path(String... parts) {
    StringBuilder path = new StringBuilder();
    for (String part : parts) {
      path.append('/').append(URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20"));
    }
    return path.toString();
  }

  public Answer get(String path) throws IOException {
    return ask("GET", path, null, "");
  }

  public Answer delete(String path) throws IOException {
    return ask("DELETE", path, null, "");
  }

  /** Closes a connection, with a reason that its client is told. */
  public Answer delete(String path, String reason) throws IOException {
    return ask("DELETE", path, null, "X-Reason: " + reason.replaceAll("\\p{Cntrl}", " ") + "\r\n");
  }

  public Answer put(String path, JsonObject body) throws IOException {
    return ask("PUT", path, body.encode(), "");
  }

  /** Only if nothing is there. */
  public Answer putNew(String path, JsonObject body) throws IOException {
    return ask("PUT", path, body.encode(), "If-None-Match: *\r\n");
  }

  public Answer post(String path, JsonObject body) throws IOException {
    return ask("POST", path, body.encode(), "");
  }

  /** Posts JSON as it is. */
  public Answer post(String path, byte[] body) throws IOException {
    return send("POST", path, body, "");
  }

  /** Posts a form. */
  public Answer postForm(String path, String form) throws IOException {
    return ask("POST", path, form, "Content-Type: application/x-www-form-urlencoded\r\n");
  }

  private Answer ask(String method, String path, @Nullable String body, String headers)
      throws IOException {
    byte[] content = body == null ? new byte[0] : body.getBytes(StandardCharsets.UTF_8);
    return send(method, path, content, headers);
  }

  /**
   * Asks.
   *
   * @throws IOException when no broker runs there, or it is not ours to ask
   */
  private Answer send(String method, String path, byte[] content, String headers)
      throws IOException {
    String head =
        "%s %s/api%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: %d\r\n%s\r\n"
            .formatted(method, prefix, path, content.length, headers);
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(folder.resolve("control.sock")));
      write(channel, head.getBytes(StandardCharsets.UTF_8));
      write(channel, content);
      return read(Channels.newInputStream(channel));
    }
  }

  private static void write(SocketChannel channel, byte[] octets) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(octets);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  private static Answer read(InputStream given) throws IOException {
    InputStream in = new BufferedInputStream(given);
    String status = line(in);
    String[] words = status.split(" ", 3);
    if (words.length < 2) {
      throw new IOException("no answer in HTTP: " + status);
    }
    boolean chunked = false;
    int length = -1;
    long left = MAX_HEAD;
    for (String header = line(in); !header.isEmpty(); header = line(in)) {
      String lower = header.toLowerCase(Locale.ROOT);
      chunked |= lower.startsWith("transfer-encoding: chunked");
      if (lower.startsWith(LENGTH)) {
        length = Integer.parseInt(lower.substring(LENGTH.length()).strip());
      }
      left -= header.length() + 2;
      if (left < 0) {
        throw new IOException("the answer has too many headers");
      }
    }
    byte[] body = chunked ? chunks(in) : in.readAllBytes();
    if (length >= 0 && body.length != length) {
      throw new IOException("the answer ends in the middle");
    }
    return new Answer(Integer.parseInt(words[1]), new String(body, StandardCharsets.UTF_8));
  }

  private static byte[] chunks(InputStream in) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (int size = size(in); size > 0; size = size(in)) {
      body.write(in.readNBytes(size));
      line(in);
    }
    return body.toByteArray();
  }

  private static int size(InputStream in) throws IOException {
    return Integer.parseInt(line(in).split(";")[0].strip(), 16);
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0 || line.length() > MAX_HEAD) {
        throw new IOException("the answer ends in the middle");
      }
      if (next != '\r') {
        line.append((char) next);
      }
    }
    return line.toString();
  }
}
