package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.broker.cli.ControlLine;

/** The file that definitions are exported to. */
class ExportedFileTest {
  @TempDir private Path folder;

  @Test
  @DisplayName("hashes of passwords are exported to a file that only its owner reads")
  void ownersOnly() throws Exception {
    Path file = folder.resolve("definitions.json");
    try (TestBroker broker = TestBroker.start()) {
      PrintWriter out = new PrintWriter(new StringWriter());
      List<String> words =
          List.of("export_definitions", file.toString(), "--data", broker.dataDir().toString());
      assertThat(new ControlLine("rabbitmqctl").execute(words, out, out)).isZero();
    }
    assertThat(Files.readString(file)).contains("password_hash");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }
}
