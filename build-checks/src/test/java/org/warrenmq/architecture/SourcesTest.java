package org.warrenmq.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.warrenmq.build.SourceFormat;
import org.warrenmq.build.SourceFormat.Result;
import org.warrenmq.build.SourceRules;

/** Holds every source file of the project against the formatter and the source rules. */
class SourcesTest {
  @Test
  void everySourceIsFormatted() throws IOException {
    var files = SourceFormat.javaFiles(ProjectTree.root());
    assertThat(files).isNotEmpty();
    assertThat(SourceFormat.examine(files).stream().flatMap(SourcesTest::complaint))
        .as("run 'mvn -Pformat' in %s", ProjectTree.root())
        .isEmpty();
  }

  @Test
  void everySourceKeepsTheRules() throws IOException {
    assertThat(SourceRules.violations(ProjectTree.root())).isEmpty();
  }

  private static Stream<String> complaint(Result result) {
    return switch (result) {
      case Result.Clean _ -> Stream.of();
      case Result.Differs(var file, _) -> Stream.of(file + " is not formatted");
      case Result.Broken(var file, var reason) -> Stream.of(file + " does not parse: " + reason);
    };
  }
}
