package org.warrenmq.build;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each rule lets good sources pass and names what breaks it. */
class SourceRulesTest {
  private static final String MAIN = "m/src/main/java/p/";
  private static final String TEST = "m/src/test/java/p/";

  @TempDir Path directory;

  @Test
  void goodSourcesPass() throws IOException {
    nullMarkedPackage();
    write(MAIN + "Implicit.java", "package p; class Implicit { class Managerial {} }");
    write(MAIN + "Long.java", method(SourceRules.METHOD_LINES));
    write(TEST + "LongTest.java", method(SourceRules.METHOD_LINES + 1));
    write("m/target/Old.java", "class OldHelper {}");
    assertThat(SourceRules.violations(directory)).isEmpty();
  }

  @Test
  void tooLongMethod() throws IOException {
    nullMarkedPackage();
    write(MAIN + "Long.java", method(SourceRules.METHOD_LINES + 1));
    assertThat(SourceRules.violations(directory))
        .singleElement()
        .asString()
        .endsWith("Long.java:2: m: 71 lines, at most 70");
  }

  @Test
  void tooLongFile() throws IOException {
    write(TEST + "BigTest.java", "package p;\n" + "//\n".repeat(SourceRules.FILE_LINES));
    assertThat(SourceRules.violations(directory))
        .singleElement()
        .asString()
        .endsWith("BigTest.java: 801 lines, at most 800");
  }

  @ParameterizedTest
  @ValueSource(strings = {"QueueImpl", "AbstractQueue", "QueueManager", "Utils", "TestHelper"})
  void emptyNames(String name) throws IOException {
    write(TEST + "Outer.java", "package p; class Outer { interface " + name + " {} }");
    assertThat(SourceRules.violations(directory))
        .singleElement()
        .asString()
        .contains("Outer.java:1: " + name + ": a name with");
  }

  @Test
  void packagesWithoutNullness() throws IOException {
    write(MAIN + "A.java", "package p; class A {}");
    write("m/src/main/java/q/package-info.java", "package q;");
    assertThat(SourceRules.violations(directory))
        .satisfiesExactlyInAnyOrder(
            line -> assertThat(line).endsWith("A.java: its package has no package-info.java"),
            line -> assertThat(line).endsWith("package-info.java: the package is not @NullMarked"));
  }

  @Test
  void sleepingAndDisabledTests() throws IOException {
    write(
        TEST + "ATest.java",
        "package p; class ATest {\n@Disabled void t() throws Exception { Thread.sleep(1); } }");
    assertThat(SourceRules.violations(directory))
        .satisfiesExactlyInAnyOrder(
            line -> assertThat(line).endsWith("ATest.java:2: a disabled test proves nothing"),
            line -> assertThat(line).contains("it does not sleep"));
  }

  private static String method(int lines) {
    return "package p; class Long {\nvoid m() {\n" + "//\n".repeat(lines - 2) + "} }";
  }

  private void nullMarkedPackage() throws IOException {
    write(MAIN + "package-info.java", "@NullMarked package p;");
  }

  private void write(String path, String text) throws IOException {
    var file = directory.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
