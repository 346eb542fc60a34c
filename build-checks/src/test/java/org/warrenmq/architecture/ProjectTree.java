package org.warrenmq.architecture;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the sources of the whole project are; constant, any thread. */
final class ProjectTree {
  private ProjectTree() {}

  /** The folder with the parent pom, seen from the module in which the tests run. */
  static Path root() {
    var module = System.getProperty("basedir", System.getProperty("user.dir"));
    var root = Path.of(module).toAbsolutePath().normalize().getParent();
    if (root == null || !Files.isDirectory(root.resolve("build-checks"))) {
      throw new IllegalStateException(module + " is not a module of the project");
    }
    return root;
  }
}
