package org.warrenmq.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.warrenmq.build.SourceFormat;

/** Which module may know which: the arrows between them, kept on the compiled classes. */
class ArrowsTest {
  private static final String ROOT = "org.warrenmq.";

  /** The project's packages, and for each the others it may depend on. */
  private static final Map<String, Set<String>> ARROWS =
      Map.of(
          "codec", Set.of(),
          "router", Set.of("codec"),
          "store", Set.of(),
          "engine", Set.of("codec", "store"),
          "cluster", Set.of("codec", "engine", "store"),
          "admin", Set.of("codec"),
          "broker", Set.of("codec", "router", "store", "engine", "cluster", "admin"));

  private static final String BUILD_TOOLS = ROOT + "build..";

  private static JavaClasses project;

  @BeforeAll
  static void readClasses() {
    project =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.warrenmq");
  }

  @Test
  void everyPackageIsOnTheMap() {
    var known = ARROWS.keySet().stream().map(name -> ROOT + name + "..").toArray(String[]::new);
    classes()
        .that()
        .resideOutsideOfPackage(BUILD_TOOLS)
        .should()
        .resideInAnyPackage(known)
        .allowEmptyShould(true)
        .check(project);
  }

  /** A module that is missing from the class path would pass every rule. */
  @Test
  void everyModuleIsExamined() throws IOException {
    for (var module :
        List.of(
            "amqp-codec",
            "exchange-router",
            "persistence",
            "queue-engine",
            "management-ui",
            "broker")) {
      var sources = ProjectTree.root().resolve(module).resolve("src/main/java");
      for (var file : SourceFormat.javaFiles(sources)) {
        if (!file.endsWith("package-info.java")) {
          assertThat(project.contain(className(sources, file))).as("%s is examined", file).isTrue();
        }
      }
    }
  }

  @TestFactory
  Stream<DynamicTest> arrows() {
    return ARROWS.entrySet().stream()
        .map(
            arrow ->
                DynamicTest.dynamicTest(
                    arrow.getKey() + " -> " + arrow.getValue(),
                    () -> checkArrow(arrow.getKey(), arrow.getValue())));
  }

  @Test
  void onlyTheBrokerAndItsAdministrationKnowVertx() {
    noClasses()
        .that()
        .resideOutsideOfPackages(ROOT + "broker..", ROOT + "admin..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.vertx..")
        .check(project);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching(ROOT + "(**)").should().beFreeOfCycles().check(project);
  }

  @Test
  void noStaticFieldChanges() {
    fields()
        .that()
        .areStatic()
        .and()
        .doNotHaveModifier(JavaModifier.SYNTHETIC)
        .should()
        .beFinal()
        .allowEmptyShould(true)
        .check(project);
  }

  private static void checkArrow(String from, Set<String> allowed) {
    var forbidden =
        ARROWS.keySet().stream()
            .filter(name -> !name.equals(from) && !allowed.contains(name))
            .map(name -> ROOT + name + "..")
            .toArray(String[]::new);
    noClasses()
        .that()
        .resideInAPackage(ROOT + from + "..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(forbidden)
        .allowEmptyShould(true)
        .check(project);
  }

  private static String className(Path sources, Path file) {
    var relative = sources.relativize(file).toString();
    return relative.substring(0, relative.length() - ".java".length()).replace('/', '.');
  }
}
