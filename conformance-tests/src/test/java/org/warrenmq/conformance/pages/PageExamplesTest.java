package org.warrenmq.conformance.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.warrenmq.conformance.BrokerUnderTest;
import org.warrenmq.conformance.LocalBroker;

/**
 * The examples on the pages of {@link Page}: they are what was compiled, and print what the page
 * says, in Java and in Python. Each runs as a process against a broker of its own, so that queues
 * may be called as on the page. On the test thread.
 */
@Execution(ExecutionMode.SAME_THREAD)
class PageExamplesTest {
  private static final int LIMIT_SECONDS = 60;

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void thePageShowsWhatIsCompiled(Page page) throws Exception {
    assertThat(page.java()).isNotEmpty().isEqualTo(page.source());
  }

  @ParameterizedTest
  @EnumSource
  void theReadmeLinksThePage(Page page) throws Exception {
    assertThat(Page.readme()).contains("(" + page.path() + ")");
  }

  @ParameterizedTest
  @EnumSource
  void javaPrintsWhatThePageSays(Page page) throws Exception {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String classPath = System.getProperty("java.class.path");
    String program = ExampleProgram.class.getName();
    assertPrints(
        page, List.of(java, "-XX:TieredStopAtLevel=1", "-cp", classPath, program, page.name()));
  }

  @ParameterizedTest
  @EnumSource
  void pythonPrintsWhatThePageSays(Page page) throws Exception {
    assertThat(page.python()).isNotEmpty();
    Optional<String> python = Python.withPika();
    assumeTrue(python.isPresent(), Python.missing());
    Path program = folder.resolve("example.py");
    Files.writeString(program, Python.program(page.python()));
    assertPrints(page, List.of(python.orElseThrow(), program.toString()));
  }

  /**
   * @param command to which the broker's address is added
   */
  private void assertPrints(Page page, List<String> command) throws Exception {
    assumeFalse(BrokerUnderTest.isForeign(), "the pages are about this project's broker");
    Path output = folder.resolve("output");
    Path errors = folder.resolve("errors");
    try (LocalBroker broker = LocalBroker.start()) {
      var builder = new ProcessBuilder(new ArrayList<>(command));
      builder.command().add(broker.uri());
      builder.redirectOutput(output.toFile()).redirectError(errors.toFile());
      Process process = builder.start();
      boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
      process.destroyForcibly().waitFor();
      String said = Files.readString(errors);
      assertThat(ended).as("an end within %s s; %s", LIMIT_SECONDS, said).isTrue();
      assertThat(process.exitValue()).as("%s", said).isZero();
      assertThat(Files.readString(output)).as("%s", said).isEqualTo(page.printed());
    }
  }
}
