package org.warrenmq.build;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreeScanner;
import com.sun.source.util.Trees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/**
 * The rules about sources that no compiler knows: sizes, names, annotated packages, honest tests.
 * Runs on the caller's thread; files are parsed by the JDK's own compiler, never compiled.
 */
public final class SourceRules {
  /** No file, test or not, is longer. */
  public static final int FILE_LINES = 800;

  /** No method of main code is longer, from its first line to its closing brace. */
  public static final int METHOD_LINES = 70;

  private static final Pattern EMPTY_WORDS =
      Pattern.compile("(Impl|Abstract|Manager|Utils?|Helpers?)(?![a-z])");

  private SourceRules() {}

  /** Everything below the directory that breaks a rule, one readable line each. */
  public static List<String> violations(Path directory) throws IOException {
    var found = new ArrayList<String>();
    var files = SourceFormat.javaFiles(directory);
    for (var file : files) {
      checkLength(file, found);
      if (isMain(file)) {
        checkPackageInfo(file, found);
      }
    }
    parse(files, found);
    return List.copyOf(found);
  }

  private static void checkLength(Path file, List<String> found) throws IOException {
    try (var lines = Files.lines(file)) {
      var count = lines.count();
      if (count > FILE_LINES) {
        found.add(file + ": " + count + " lines, at most " + FILE_LINES);
      }
    }
  }

  private static void checkPackageInfo(Path file, List<String> found) throws IOException {
    var packageInfo = file.resolveSibling("package-info.java");
    if (!Files.exists(packageInfo)) {
      found.add(file + ": its package has no package-info.java");
    } else if (file.equals(packageInfo) && !Files.readString(file).contains("@NullMarked")) {
      found.add(file + ": the package is not @NullMarked");
    }
  }

  private static void parse(List<Path> files, List<String> found) throws IOException {
    var compiler = ToolProvider.getSystemJavaCompiler();
    try (var fileManager = compiler.getStandardFileManager(null, null, null)) {
      var sources = fileManager.getJavaFileObjectsFromPaths(files);
      var task = (JavacTask) compiler.getTask(null, fileManager, null, List.of(), null, sources);
      var positions = Trees.instance(task).getSourcePositions();
      for (var unit : task.parse()) {
        new UnitScanner(unit, positions, found).scan(unit, null);
      }
    }
  }

  private static boolean isMain(Path file) {
    return file.toString().replace('\\', '/').contains("/src/main/java/");
  }

  /** Looks through one parsed file; used once, by the thread that parsed it. */
  private static final class UnitScanner extends TreeScanner<@Nullable Void, @Nullable Void> {
    private final CompilationUnitTree unit;
    private final SourcePositions positions;
    private final List<String> found;
    private final Path file;
    private final boolean main;

    UnitScanner(CompilationUnitTree unit, SourcePositions positions, List<String> found) {
      this.unit = unit;
      this.positions = positions;
      this.found = found;
      this.file = Path.of(unit.getSourceFile().toUri());
      this.main = isMain(file);
    }

    @Override
    public @Nullable Void visitClass(ClassTree type, @Nullable Void unused) {
      var name = type.getSimpleName().toString();
      var word = EMPTY_WORDS.matcher(name);
      if (word.find()) {
        report(type, name + ": a name with '" + word.group(1) + "' does not say what it is");
      }
      return super.visitClass(type, null);
    }

    @Override
    public @Nullable Void visitMethod(MethodTree method, @Nullable Void unused) {
      var lines = line(positions.getEndPosition(unit, method)) - line(start(method)) + 1;
      if (main && lines > METHOD_LINES) {
        report(method, method.getName() + ": " + lines + " lines, at most " + METHOD_LINES);
      }
      return super.visitMethod(method, null);
    }

    @Override
    public @Nullable Void visitMemberSelect(MemberSelectTree select, @Nullable Void unused) {
      if (!main && select.toString().endsWith("Thread.sleep")) {
        report(select, "a test waits for a condition, it does not sleep");
      }
      return super.visitMemberSelect(select, null);
    }

    @Override
    public @Nullable Void visitAnnotation(AnnotationTree annotation, @Nullable Void unused) {
      if (annotation.getAnnotationType().toString().endsWith("Disabled")) {
        report(annotation, "a disabled test proves nothing");
      }
      return super.visitAnnotation(annotation, null);
    }

    private void report(Tree where, String what) {
      found.add(file + ":" + line(start(where)) + ": " + what);
    }

    private long start(Tree tree) {
      return positions.getStartPosition(unit, tree);
    }

    private long line(long position) {
      return unit.getLineMap().getLineNumber(position);
    }
  }
}
