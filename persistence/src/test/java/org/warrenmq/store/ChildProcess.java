package org.warrenmq.store;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Another JVM that runs a test's main class; killed for good when closed. */
final class ChildProcess implements AutoCloseable {
  private final Process process;
  private final BufferedReader out;

  private ChildProcess(Process process) {
    this.process = process;
    this.out = process.inputReader();
  }

  static ChildProcess start(Class<?> main, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(List.of(arguments));
    return new ChildProcess(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  /** The next line it prints, or null when it has ended. */
  String line() throws IOException {
    return out.readLine();
  }

  /** Everything it still prints until it ends. */
  List<String> lines() {
    return out.lines().toList();
  }

  /** From now on no file it writes to may be longer: a write beyond fails. */
  void limitFiles(long bytes) throws IOException, InterruptedException {
    Process prlimit =
        new ProcessBuilder("prlimit", "--pid", String.valueOf(process.pid()), "--fsize=" + bytes)
            .inheritIO()
            .start();
    if (prlimit.waitFor() != 0) {
      throw new AssertionError("prlimit failed");
    }
  }

  /** kill -9. */
  void kill() throws InterruptedException {
    // The handle, not the process: that would close the pipe with what is still in it.
    process.toHandle().destroyForcibly();
    if (!process.waitFor(30, TimeUnit.SECONDS)) {
      throw new AssertionError("the process survived its killing");
    }
  }

  @Override
  public void close() throws InterruptedException {
    kill();
  }
}
