package org.warrenmq.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Where the native library runs from. */
class NativeLibraryTest {
  private static final Path DATA = Path.of("/var/data/native");
  private static final Path TEMPORARY = Path.of("/tmp");

  private final List<Path> tried = new ArrayList<>();

  @Test
  void fromTheFirstFolderThatWillDo() {
    NativeLibrary.load(List.of(DATA, TEMPORARY), tried::add);
    assertThat(tried).containsExactly(DATA);
  }

  @Test
  void fromAnotherIfProgramsMayNotRunThere() {
    NativeLibrary.load(
        List.of(DATA, TEMPORARY),
        folder -> {
          tried.add(folder);
          if (folder.equals(DATA)) {
            throw mountedNoexec(folder);
          }
        });
    assertThat(tried).containsExactly(DATA, TEMPORARY);
  }

  @Test
  void oneSentenceIfThereIsNone() {
    assertThatThrownBy(
            () ->
                NativeLibrary.load(
                    List.of(DATA, TEMPORARY),
                    folder -> {
                      if (folder.equals(DATA)) {
                        throw mountedNoexec(folder);
                      }
                      throw new IOException("full");
                    }))
        .isInstanceOf(StoreException.class)
        .hasMessageContainingAll(
            "not from /var/data/native (failed to map segment from shared object)",
            "not from /tmp (java.io.IOException: full)",
            "noexec",
            "java.io.tmpdir");
  }

  private static UnsatisfiedLinkError mountedNoexec(Path folder) {
    String file = folder + "/librocksdbjni-linux64.so";
    return new UnsatisfiedLinkError(
        file + ": " + file + ": failed to map segment from shared object");
  }
}
