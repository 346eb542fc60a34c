package org.warrenmq.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.warrenmq.store.WriteRequest.Append;
import org.warrenmq.store.WriteRequest.Settle;

/** A store in a temporary folder, with calls that wait for their completion. */
final class TestStore implements AutoCloseable {
  /** When everything was appended that does not say so. */
  static final long TIME = 1_700_000_000_000L;

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
            BodySize.WHOLE,
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
    return new Append(queueId, first, TIME, List.of(messages));
  }

  /** Persistent messages that say which they are. */
  static Append appendNumbered(long queueId, long first, int count) {
    List<Storable> messages = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      messages.add(persistent("m" + (first + i)));
    }
    return new Append(queueId, first, TIME, messages);
  }

  /**
   * @param bytes of the persistent ones that leave
   */
  static Settle settle(long queueId, long bytes, long... positions) {
    return new Settle(queueId, SettleReason.ACKED, positions, bytes);
  }

  /** Settles what {@link #appendNumbered} appended; each position once. */
  static Settle settleNumbered(long queueId, long... positions) {
    return settle(queueId, bytesOf(LongStream.of(positions)), positions);
  }

  /** Body bytes of numbered messages. */
  static long bytesOf(LongStream positions) {
    return positions.map(position -> ("m" + position).length()).sum();
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
      public long bodySize() {
        return 7;
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
