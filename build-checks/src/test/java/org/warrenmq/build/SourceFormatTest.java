package org.warrenmq.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.warrenmq.build.SourceFormat.Result;

/** The formatter understands today's Java, rewrites what differs and leaves the rest alone. */
class SourceFormatTest {
  private static final String FORMATTED =
      """
      record A(int x) {
        int f(Object o) {
          return switch (o) {
            case A(_) when x > 3 -> 1;
            default -> 0;
          };
        }
      }
      """;

  @TempDir Path directory;

  @Test
  void tellsCleanFromDifferingAndBroken() throws IOException {
    var clean = Files.writeString(directory.resolve("A.java"), FORMATTED);
    var differs = Files.writeString(directory.resolve("B.java"), FORMATTED.replace("  ", " "));
    var broken = Files.writeString(directory.resolve("C.java"), "class {");
    assertThat(SourceFormat.examine(List.of(clean, differs, broken)))
        .satisfiesExactly(
            result -> assertThat(result).isEqualTo(new Result.Clean(clean)),
            result -> assertThat(result).isEqualTo(new Result.Differs(differs, FORMATTED)),
            result -> assertThat(result).isInstanceOf(Result.Broken.class));
  }

  @Test
  void rewritesBelowADirectory() throws IOException {
    var source = Files.writeString(directory.resolve("A.java"), FORMATTED.replace("  ", " "));
    var output = Files.createDirectories(directory.resolve("target")).resolve("B.java");
    Files.writeString(output, "class B{}");
    SourceFormat.main(new String[] {directory.toString(), directory + "/missing"});
    assertThat(source).hasContent(FORMATTED);
    assertThat(output).hasContent("class B{}");
  }
}
