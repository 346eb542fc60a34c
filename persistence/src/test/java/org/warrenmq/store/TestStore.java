package org.warrenmq.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.warrenmq.store.WriteRequest.Append;

/** A store in a temporary folder, with calls that wait for their completion. */
final class TestStore implements AutoCloseable {
  static final StoreOptions SMALL = StoreOptions.within(16 << 20).withBodyBytes(0);

  final Store store;

  TestStore(Path folder) {
    this(folder, SMALL);
  }

  TestStore(Path folder, StoreOptions options) {
    store =
        Store.open(
            folder,
            options,
            failure -> {
              throw new AssertionError("the store failed", failure);
            });
  }

  void write(WriteRequest... requests) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    store.writer().submit(TurnWrites.synced(List.of(requests), () -> done.complete(null)));
    await(done);
  }

  List<StoredMessage> read(long queueId) {
    return read(queueId, 0, Long.MAX_VALUE).messages();
  }

  MessageBatch read(long queueId, long from, long maxBytes) {
    CompletableFuture<MessageBatch> answer = new CompletableFuture<>();
    assertThat(store.reader().read(queueId, from, maxBytes, answer::complete)).isTrue();
    return await(answer);
  }

  byte[] piece(long body, int index, boolean persistent) {
    CompletableFuture<byte[]> answer = new CompletableFuture<>();
    assertThat(store.reader().readPiece(body, index, persistent, answer::complete)).isTrue();
    return await(answer);
  }

  List<Long> positions(long queueId) {
    return read(queueId).stream().map(StoredMessage::position).toList();
  }

  List<String> texts(long queueId) {
    return read(queueId).stream().map(TestStore::text).toList();
  }

  static String text(StoredMessage message) {
    return new String(message.bytes(), StandardCharsets.UTF_8);
  }

  static Append append(long queueId, long first, Storable... messages) {
    return new Append(queueId, first, List.of(messages));
  }

  /** Persistent messages that say which they are. */
  static Append appendNumbered(long queueId, long first, int count) {
    List<Storable> messages = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      messages.add(persistent("m" + (first + i)));
    }
    return new Append(queueId, first, messages);
  }

  static Storable persistent(String text) {
    return Storable.of(text.getBytes(StandardCharsets.UTF_8), true);
  }

  static Storable fleeting(String text) {
    return Storable.of(text.getBytes(StandardCharsets.UTF_8), false);
  }

  /** A message that fails the test when it is encoded. */
  static Storable neverEncoded() {
    return new Storable() {
      @Override
      public int storedSize() {
        return 10;
      }

      @Override
      public void store(ByteBuffer target) {
        throw new AssertionError("a cancelled message was encoded");
      }

      @Override
      public boolean persistent() {
        return true;
      }
    };
  }

  static <T> T await(CompletableFuture<T> future) {
    return future.orTimeout(30, TimeUnit.SECONDS).join();
  }

  @Override
  public void close() {
    store.close();
  }
}
