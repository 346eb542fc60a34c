package org.warrenmq.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may look into a store's folder. */
class PrivateFolderTest {
  @TempDir Path folder;

  private static String rights(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private static Path open(Path path, String rights) throws IOException {
    Files.createDirectories(path);
    return Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(rights));
  }

  @Test
  void aNewOneIsItsOwnersAlone() throws IOException {
    Path above = open(folder.resolve("above"), "rwxr-xr-x");
    Path data = above.resolve("between/data");
    new TestStore(data).close();
    assertThat(rights(data)).isEqualTo("rwx------");
    assertThat(rights(above)).isEqualTo("rwxr-xr-x");
  }

  @Test
  void oneThatIsThereIsClosedToOthers() throws IOException {
    Path empty = open(folder.resolve("empty"), "rwxrwxrwx");
    new TestStore(empty).close();
    assertThat(rights(empty)).isEqualTo("rwx------");
    open(empty, "rwxr-x--x");
    new TestStore(empty).close();
    assertThat(rights(empty)).isEqualTo("rwx------");
  }

  @Test
  void oneThatIsNoStoreIsLeftAlone() throws IOException {
    Path foreign = open(folder.resolve("foreign"), "rwxr-xr-x");
    Files.writeString(foreign.resolve("letters.txt"), "dear reader");
    assertThatThrownBy(() -> new TestStore(foreign)).isInstanceOf(StoreException.class);
    assertThat(rights(foreign)).isEqualTo("rwxr-xr-x");
  }

  @Test
  void aCopyIsItsOwnersAlone() throws IOException {
    Path copy = folder.resolve("copies/today");
    try (TestStore store = new TestStore(folder.resolve("data"))) {
      store.store.checkpoint(copy);
    }
    assertThat(rights(copy)).isEqualTo("rwx------");
  }
}
