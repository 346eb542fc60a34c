package org.warrenmq.broker.control;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker's end of a socket file in the data folder, for commands of whoever owns that folder;
 * listens on a thread of its own, "warren-control", and carries out one at a time.
 *
 * <p>A request is one line, the answer begins with {@code ok} or {@code error}. Where the system
 * has no such sockets, or the path is too long for one, the broker runs without.
 */
public final class ControlSocket implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ControlSocket.class);
  private static final String NAME = "control.sock";

  /** A request is no longer than this, in characters. */
  private static final int MAX_REQUEST = 8192;

  private final Path file;
  private final ServerSocketChannel server;
  private final UnaryOperator<String> commands;
  private final ReentrantLock oneAtATime = new ReentrantLock();

  private ControlSocket(Path file, ServerSocketChannel server, UnaryOperator<String> commands) {
    this.file = file;
    this.server = server;
    this.commands = commands;
  }

  /**
   * Begins to listen.
   *
   * @param commands answers a request; an exception's message is the answer of one that fails
   * @throws IOException when there can be no socket in this folder
   */
  public static ControlSocket open(Path folder, UnaryOperator<String> commands) throws IOException {
    Path file = folder.resolve(NAME);
    // Left by a process that was killed: only the store's owner comes here.
    Files.deleteIfExists(file);
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      server.bind(UnixDomainSocketAddress.of(file));
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException | RuntimeException e) {
      server.close();
      throw new IOException("no control socket %s: %s".formatted(file, e.getMessage()), e);
    }
    ControlSocket socket = new ControlSocket(file, server, commands);
    Thread.ofPlatform().daemon().name("warren-control").start(socket::run);
    return socket;
  }

  private void run() {
    while (server.isOpen()) {
      try {
        SocketChannel client = server.accept();
        // Who says nothing keeps nobody waiting.
        Thread.ofVirtual().name("warren-control-client").start(() -> serve(client));
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        log.warn("a control command was not heard: {}", e.toString());
      }
    }
  }

  private void serve(SocketChannel client) {
    try (client) {
      write(client, answer(client));
    } catch (IOException e) {
      log.warn("a control command failed: {}", e.toString());
    }
  }

  private String answer(SocketChannel client) throws IOException {
    try {
      String request = line(client);
      return request.length() > MAX_REQUEST
          ? "error the request is longer than %d characters".formatted(MAX_REQUEST)
          : "ok " + carryOut(request);
    } catch (CharacterCodingException e) {
      return "error the request is not in UTF-8";
    } catch (RuntimeException e) {
      return "error " + String.valueOf(e.getMessage()).replace('\n', ' ');
    }
  }

  private String carryOut(String request) {
    oneAtATime.lock();
    try {
      return commands.apply(request);
    } finally {
      oneAtATime.unlock();
    }
  }

  private static String line(SocketChannel channel) throws IOException {
    BufferedReader reader =
        new BufferedReader(Channels.newReader(channel, StandardCharsets.UTF_8), MAX_REQUEST);
    StringBuilder line = new StringBuilder();
    int next;
    // One more than may be: what is too long must not pass for something shorter.
    while (line.length() <= MAX_REQUEST && (next = reader.read()) >= 0 && next != '\n') {
      line.append((char) next);
    }
    return line.toString();
  }

  private static void write(SocketChannel channel, String line) throws IOException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(line + "\n");
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /**
   * Asks the broker that runs on a data folder.
   *
   * @param request one line
   * @return its answer, one or more lines, {@code ok} or {@code error} included
   * @throws IOException when none runs there, or it is not ours to ask
   */
  public static String ask(Path folder, String request) throws IOException {
    if (request.indexOf('\n') >= 0) {
      return "error a request is one line";
    }
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(folder.resolve(NAME)));
      write(channel, request);
      String answer = Channels.newReader(channel, StandardCharsets.UTF_8).readAllAsString();
      return answer.endsWith("\n") ? answer.substring(0, answer.length() - 1) : answer;
    }
  }

  @Override
  public void close() {
    try {
      server.close();
      Files.deleteIfExists(file);
    } catch (IOException e) {
      log.debug("the control socket did not close", e);
    }
  }
}
