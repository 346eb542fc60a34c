package org.warrenmq.broker.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Requests through the socket file of a data folder, wrong ones included. */
@Timeout(10)
class ControlSocketTest {
  @TempDir private Path folder;

  private final List<String> asked = Collections.synchronizedList(new ArrayList<>());
  private ControlSocket socket;

  @BeforeEach
  void open() throws IOException {
    socket = ControlSocket.open(folder, this::answer);
  }

  @AfterEach
  void close() {
    socket.close();
  }

  private String answer(String request) {
    asked.add(request);
    if (request.startsWith("echo ")) {
      return request.substring(5);
    }
    throw new IllegalArgumentException("unknown command");
  }

  /** Sends octets as they are and reads until the broker closes. */
  private String send(byte[] octets) throws IOException {
    try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      client.connect(UnixDomainSocketAddress.of(folder.resolve("control.sock")));
      ByteBuffer request = ByteBuffer.wrap(octets);
      while (request.hasRemaining()) {
        client.write(request);
      }
      client.shutdownOutput();
      ByteBuffer answer = ByteBuffer.allocate(1000);
      while (client.read(answer) >= 0 && !ended(answer)) {
        // One line is all there is.
      }
      return StandardCharsets.UTF_8.decode(answer.flip()).toString();
    }
  }

  private static boolean ended(ByteBuffer answer) {
    return answer.position() > 0 && answer.get(answer.position() - 1) == '\n';
  }

  @Test
  @DisplayName("one line asked, one line answered, again and again")
  void asksAndAnswers() throws IOException {
    assertThat(ControlSocket.ask(folder, "echo ä b")).isEqualTo("ok ä b");
    assertThat(ControlSocket.ask(folder, "jump")).isEqualTo("error unknown command");
    assertThat(ControlSocket.ask(folder, "echo c")).isEqualTo("ok c");
  }

  @Test
  @DisplayName("only its owner may use the file")
  void permissions() throws IOException {
    assertThat(Files.getPosixFilePermissions(folder.resolve("control.sock")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  @DisplayName("a request that is too long is refused, never cut to one that means something else")
  void overLongRequest() throws IOException {
    String fits = "echo " + "x".repeat(8192 - 5);
    assertThat(ControlSocket.ask(folder, fits)).isEqualTo("ok " + fits.substring(5));
    asked.clear();
    assertThat(send((fits + "y\n").getBytes(StandardCharsets.UTF_8)))
        .isEqualTo("error the request is longer than 8192 characters\n");
    assertThat(send((fits + "y").getBytes(StandardCharsets.UTF_8))).startsWith("error ");
    assertThat(asked).isEmpty();
  }

  @Test
  @DisplayName("garbage, silence and empty lines are answered with an error, and service goes on")
  void garbage() throws IOException {
    assertThat(send(new byte[] {(byte) 0xFF, 0, (byte) 0xC3, '\n'})).startsWith("error ");
    assertThat(send(new byte[0])).startsWith("error ");
    assertThat(send(new byte[] {'\n', '\n'})).startsWith("error ");
    assertThat(ControlSocket.ask(folder, "echo still")).isEqualTo("ok still");
  }

  @Test
  @DisplayName("a file that a killed process left is replaced; a closed socket leaves none")
  void leftOver() throws IOException {
    socket.close();
    assertThat(folder.resolve("control.sock")).doesNotExist();
    assertThatThrownBy(() -> ControlSocket.ask(folder, "echo")).isInstanceOf(IOException.class);
    Files.createFile(folder.resolve("control.sock"));
    socket = ControlSocket.open(folder, this::answer);
    assertThat(ControlSocket.ask(folder, "echo new")).isEqualTo("ok new");
  }

  @Test
  @DisplayName("a path that is too long for a socket is an error that names it")
  void pathTooLong() throws IOException {
    Path deep = Files.createDirectory(folder.resolve("d".repeat(120)));
    assertThatThrownBy(() -> ControlSocket.open(deep, this::answer))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(deep.toString());
  }
}
