package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bin/warren} in a project and with JDKs that are none: which it takes, what it says. */
class StartScriptTest {
  private static final String JAVA =
      """
      #!/bin/sh
      echo "runs on $(dirname "$(dirname "$0")") with umask $(umask)"
      """;

  @TempDir private Path folder;
  private Path project;
  private Path jdk;

  /** How it ended, and all it said. */
  private record Run(int code, List<String> lines) {}

  @BeforeEach
  void make() throws IOException {
    // As the system names it: the script resolves links.
    Path root = folder.toRealPath();
    project = root.resolve("project");
    Path script = Path.of("").toAbsolutePath().getParent().resolve("bin/warren");
    Files.createDirectories(project.resolve("bin"));
    Files.copy(script, project.resolve("bin/warren"));
    Files.writeString(project.resolve("pom.xml"), "<project/>");
    jdk = jdk(root.resolve("jdk"), "25.0.1", true);
  }

  private static Path jdk(Path home, String version, boolean compiler) throws IOException {
    executable(home.resolve("bin/java"), JAVA);
    if (compiler) {
      executable(home.resolve("bin/javac"), JAVA);
    }
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    return home;
  }

  private static void executable(Path file, String content) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private void build() throws IOException {
    Files.createDirectories(project.resolve("broker/target"));
    Files.createFile(project.resolve("broker/target/warren.jar"));
  }

  /** A Maven that says on which Java it would build. */
  private void maven() throws IOException {
    executable(
        folder.resolve("maven/mvn"),
        """
        #!/bin/sh
        [ "$JAVA_HOME" = "%s" ] || { echo "builds on $JAVA_HOME"; exit 1; }
        touch "%s/broker/target/warren.jar"
        """
            .formatted(jdk, project));
  }

  private Run run(String javaHome) throws Exception {
    return run(javaHome, Map.of());
  }

  private Run run(String javaHome, Map<String, String> more) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(project.resolve("bin/warren").toString());
    // Nothing is recorded for this.
    command.add("--version");
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().clear();
    String path = jdk.resolve("bin") + ":" + folder.resolve("maven") + ":/usr/bin:/bin";
    builder
        .environment()
        .putAll(Map.of("JAVA_HOME", javaHome, "PATH", path, "HOME", folder.toString()));
    builder.environment().putAll(more);
    Process process = builder.start();
    List<String> lines = process.inputReader().lines().toList();
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return new Run(process.exitValue(), lines);
  }

  private Run runsOn(Path home) {
    return new Run(0, List.of("runs on " + home + " with umask 0077"));
  }

  @Test
  @DisplayName("a JAVA_HOME that is right is taken, and files are made for their owner alone")
  void right() throws Exception {
    build();
    Path other = jdk(folder.toRealPath().resolve("other"), "26-ea", false);
    assertThat(run(other.toString())).isEqualTo(runsOn(other));
  }

  @Test
  @DisplayName("one that is missing, too old or empty is passed over")
  void wrong() throws Exception {
    build();
    Path old = jdk(folder.resolve("old"), "1.8.0_402", true);
    assertThat(run(folder.resolve("none").toString())).isEqualTo(runsOn(jdk));
    assertThat(run(old.toString())).isEqualTo(runsOn(jdk));
    assertThat(run("")).isEqualTo(runsOn(jdk));
  }

  @Test
  @DisplayName("the build runs on the JDK that was found, whatever JAVA_HOME says")
  void buildsOnTheRightOne() throws Exception {
    maven();
    Run run = run(folder.resolve("none").toString());
    assertThat(run.code()).as("%s", run).isZero();
    assertThat(run.lines())
        .containsExactly("building WarrenMQ (first use)…", runsOn(jdk).lines().getFirst());
  }

  @Test
  @DisplayName("a Java without a compiler is told from a JDK when there is something to build")
  void noCompiler() throws Exception {
    maven();
    Path runtime = jdk(folder.toRealPath().resolve("runtime"), "25", false);
    Run run = run(runtime.toString());
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.lines())
        .singleElement()
        .asString()
        .contains(runtime.toString(), "no compiler", "JAVA_HOME");
  }

  @Test
  @DisplayName("a project that cannot be written to, and is not built, says so in one line")
  void notWritable() throws Exception {
    maven();
    // Even root makes no folder in a file.
    Files.createFile(project.resolve("broker"));
    Run run = run(jdk.toString());
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.lines())
        .singleElement()
        .asString()
        .startsWith("warren: ")
        .contains("cannot write to " + project.resolve("broker/target"));
  }

  @Test
  @DisplayName("more on the class path comes after the jar, which is then no -jar")
  void classPath() throws Exception {
    build();
    executable(jdk.resolve("bin/java"), "#!/bin/sh\necho \"$@\"\n");
    String jar = project.resolve("broker/target/warren.jar").toString();
    Run plain = run(jdk.toString());
    assertThat(plain.lines()).singleElement().asString().endsWith("-jar " + jar + " --version");
    Run more = run(jdk.toString(), Map.of("WARREN_CLASS_PATH", "/a b/one.jar:two.jar"));
    assertThat(more.lines())
        .singleElement()
        .asString()
        .endsWith("-cp " + jar + ":/a b/one.jar:two.jar org.warrenmq.broker.Main --version");
  }
}
