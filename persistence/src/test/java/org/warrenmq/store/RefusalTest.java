package org.warrenmq.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.warrenmq.store.TestStore.appendNumbered;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders that must not be opened are refused in one clear sentence, and left alone. */
class RefusalTest {
  @TempDir Path folder;

  private void refused(String... parts) {
    assertThatThrownBy(() -> new TestStore(folder))
        .isInstanceOf(StoreException.class)
        .hasMessageContainingAll(parts)
        .hasMessageContaining(folder.toString());
  }

  @Test
  void aNewerStore() throws IOException {
    new TestStore(folder).close();
    Files.writeString(folder.resolve("FORMAT"), "warrenmq-store 7\n");
    refused("format version 7", "version 5");
  }

  @Test
  void aForeignFolder() throws IOException {
    Files.writeString(folder.resolve("letters.txt"), "dear reader");
    refused("not empty", "does not hold a store of WarrenMQ");
    assertThat(folder.resolve("main")).doesNotExist();
  }

  @Test
  void aForeignFormatFile() throws IOException {
    Files.writeString(folder.resolve("FORMAT"), "another-store 1\n");
    refused("does not hold a store of WarrenMQ");
  }

  @Test
  void anUnfinishedFirstStartIsRepeated() throws IOException {
    Files.writeString(folder.resolve("FORMAT.new"), "warren");
    try (TestStore store = new TestStore(folder)) {
      store.write(appendNumbered(1, 0, 1));
      assertThat(store.texts(1)).containsExactly("m0");
    }
  }

  /** Nothing was answered from it: whatever it is, it is made anew. */
  @Test
  void anUnfinishedFirstStartIsRepeatedWithoutItsFiles() throws IOException {
    Files.writeString(folder.resolve("FORMAT.new"), "");
    Files.createDirectories(folder.resolve("native"));
    Files.createDirectories(folder.resolve("main"));
    Files.writeString(folder.resolve("main/000004.log"), "half");
    try (TestStore store = new TestStore(folder)) {
      store.write(appendNumbered(1, 0, 1));
    }
    assertThat(folder.resolve("FORMAT.new")).doesNotExist();
    assertThat(folder.resolve("FORMAT")).exists();
  }

  @Test
  void aFirstStartThatAnotherIsMaking() throws IOException {
    try (FormatFile first = FormatFile.begin(folder)) {
      refused("in use by another process");
      first.finish();
    }
  }

  @Test
  void aStoreThatLostItsMessages() throws IOException {
    new TestStore(folder).close();
    Store.wipe(folder.resolve("main"));
    refused("is damaged", "its folder main is missing");
    assertThat(folder.resolve("main")).doesNotExist();
  }

  @Test
  void aFile() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> new TestStore(file))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("cannot be used");
  }

  @Test
  void aSecondOpener() {
    try (TestStore first = new TestStore(folder)) {
      first.write(appendNumbered(1, 0, 3));
      refused("in use by another process");
      first.write(appendNumbered(1, 3, 3));
      assertThat(first.texts(1)).hasSize(6);
    }
  }

  @Test
  void aSecondProcess() throws Exception {
    try (TestStore first = new TestStore(folder);
        ChildProcess second = ChildProcess.start(CrashingWriter.class, folder.toString(), "1")) {
      first.write(appendNumbered(1, 0, 3));
      assertThat(second.lines()).anyMatch(line -> line.contains("in use by another process"));
      assertThat(first.texts(1)).hasSize(3);
    }
  }

  @Test
  void aStoreWhoseListOfFilesIsGone() throws IOException {
    try (TestStore store = new TestStore(folder)) {
      store.write(appendNumbered(1, 0, 3));
    }
    Path current = folder.resolve("main/CURRENT");
    byte[] content = Files.readAllBytes(current);
    Files.delete(current);
    refused("is damaged (main/CURRENT is missing)");
    Files.write(current, content);
    try (TestStore store = new TestStore(folder)) {
      assertThat(store.texts(1)).hasSize(3);
    }
  }

  @Test
  void aRecordOfAnUnknownVersion() throws Exception {
    try (TestStore store = new TestStore(folder)) {
      Database main = store.store.main();
      main.db.put(main.cursors, Keys.queue(1), new byte[] {9, 0, 0, 0, 0, 0});
      assertThatThrownBy(store.store::recover)
          .isInstanceOf(StoreException.class)
          .hasMessage("a queue's cursor has format version 9, this program knows 3");
      assertThat(store.store.verify().problems())
          .singleElement()
          .asString()
          .contains("format version 9");
    }
  }

  @Test
  void theVerifierSeesAWrongCount() throws Exception {
    try (TestStore store = new TestStore(folder)) {
      store.write(appendNumbered(1, 0, 10));
      Database main = store.store.main();
      main.db.put(main.cursors, Keys.queue(1), new Cursor(0, 10, 7, 21, 0, false).encoded());
      assertThat(store.store.verify().problems())
          .containsExactly(
              "queue 1: its cursor counts 7 messages, its log holds 10",
              "queue 1: its cursor counts 21 bytes, its log holds 20");
    }
  }

  @Test
  void aCopyOfAStoreThatIsClosed() {
    TestStore store = new TestStore(folder.resolve("store"));
    store.close();
    assertThatThrownBy(() -> store.store.checkpoint(folder.resolve("copy")))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("is closed");
    assertThat(folder.resolve("copy")).doesNotExist();
  }
}
