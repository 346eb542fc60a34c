package org.warrenmq.build;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Formats Java sources with google-java-format, or says which ones differ; a command line tool that
 * runs on the build's own threads.
 *
 * <p>It is a single file on purpose: {@code mvn -Pformat} starts it with the JDK's source launcher,
 * so that formatting works even while the tree does not compile.
 */
public final class SourceFormat {
  private SourceFormat() {}

  /** What formatting one file came to. */
  public sealed interface Result {
    /** The file this result is about. */
    Path file();

    /** The file is as the formatter would write it. */
    record Clean(Path file) implements Result {}

    /** The formatter would write the file differently. */
    record Differs(Path file, String formatted) implements Result {}

    /** The formatter does not understand the file. */
    record Broken(Path file, String reason) implements Result {}
  }

  /**
   * Rewrites what is not formatted below the given directories.
   *
   * @param directories where to look; a missing one is an empty one
   */
  public static void main(String[] directories) throws IOException {
    var broken = 0;
    for (var directory : directories) {
      for (var result : examine(javaFiles(Path.of(directory)))) {
        switch (result) {
          case Result.Clean _ -> {}
          case Result.Differs(var file, var formatted) -> {
            Files.writeString(file, formatted);
            System.out.println("formatted " + file);
          }
          case Result.Broken(var file, var reason) -> {
            System.err.println("cannot format " + file + ": " + reason);
            broken++;
          }
        }
      }
    }
    if (broken > 0) {
      System.exit(1);
    }
  }

  /** The Java files below a directory, build output left out, in a stable order. */
  public static List<Path> javaFiles(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(directory)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> !isBuildOutput(directory.relativize(file)))
          .sorted()
          .toList();
    }
  }

  /** Compares every file with what the formatter makes of it, in the order given. */
  public static List<Result> examine(List<Path> files) {
    return files.parallelStream().map(SourceFormat::examine).toList();
  }

  private static Result examine(Path file) {
    try {
      var source = Files.readString(file);
      var formatted = new Formatter().formatSourceAndFixImports(source);
      return source.equals(formatted)
          ? new Result.Clean(file)
          : new Result.Differs(file, formatted);
    } catch (FormatterException | IOException e) {
      return new Result.Broken(file, firstLine(e));
    }
  }

  /** The formatter's own crashes carry a stack trace in their message; where and what is enough. */
  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  private static boolean isBuildOutput(Path relative) {
    for (var part : relative) {
      if (part.toString().equals("target")) {
        return true;
      }
    }
    return false;
  }
}
