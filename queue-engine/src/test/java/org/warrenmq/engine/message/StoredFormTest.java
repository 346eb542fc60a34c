package org.warrenmq.engine.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.warrenmq.codec.Body;
import org.warrenmq.codec.Content;
import org.warrenmq.codec.WireString;
import org.warrenmq.engine.loop.SeededRuns;
import org.warrenmq.engine.message.MessageStore.Loaded;
import org.warrenmq.engine.queue.QueueChronicle;
import org.warrenmq.store.Storable;
import org.warrenmq.store.StoreException;
import org.warrenmq.store.StoredMessage;

class StoredFormTest {
  private static final byte[] NO_PROPERTIES = {0, 0};

  private static byte[] stored(Storable message) {
    ByteBuffer target = ByteBuffer.allocate(message.storedSize());
    message.store(target);
    assertThat(target.hasRemaining()).as("bytes announced and not written").isFalse();
    return target.array();
  }

  private static Message readBack(Message message) {
    byte[] stored = stored(message);
    assertThat(StoredForm.bodySize(ByteBuffer.wrap(stored))).isEqualTo(message.size());
    return read(stored);
  }

  private static Message read(byte[] bytes) {
    return load(bytes).message();
  }

  private static Loaded load(byte[] bytes) {
    return StoredForm.read(new StoredMessage(7, 0, bytes, true, 3, 0));
  }

  private static Message message(String exchange, String key, byte[] properties, byte[] body) {
    return new Message(exchange, key, new Content(properties, new Body.Inline(body)), true);
  }

  private static Message plain(int size) {
    return message("exchange", "key", NO_PROPERTIES, new byte[size]);
  }

  @Test
  void anyMessageReadsBackAsItWas() {
    SeededRuns.run(
        StoredFormTest.class,
        (random, trace) -> {
          for (int i = 0; i < 20; i++) {
            Message message =
                new Message(
                    anyString(random),
                    anyString(random),
                    new Content(anyBytes(random, 3000), new Body.Inline(anyBytes(random, 3000))),
                    random.nextBoolean());
            trace.add(message.exchange() + " / " + message.routingKey());
            QueueChronicle.assertSame(readBack(message), message);
          }
        });
  }

  /** Any octets may be a name; many are no UTF-8. */
  private static String anyString(SplittableRandom random) {
    byte[] octets = anyBytes(random, WireString.MAX_SHORT + 1);
    if (random.nextBoolean()) {
      for (int i = 0; i < octets.length; i++) {
        octets[i] &= 0x7F;
      }
    }
    return WireString.decode(octets, 0, octets.length);
  }

  private static byte[] anyBytes(SplittableRandom random, int bound) {
    byte[] bytes = new byte[random.nextInt(4) == 0 ? random.nextInt(3) : random.nextInt(bound)];
    random.nextBytes(bytes);
    return bytes;
  }

  @Test
  void namesOfAllLengthsAndOctetsReadBack() {
    for (String name :
        List.of(
            "",
            "a".repeat(255),
            "é".repeat(127),
            "漢字",
            "\uD83D\uDC07",
            WireString.decode(new byte[] {(byte) 0xFF, 'x', (byte) 0xC0, (byte) 0x80}, 0, 4))) {
      Message message = message(name, name, NO_PROPERTIES, new byte[1]);
      QueueChronicle.assertSame(readBack(message), message);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, Body.MAX_INLINE - 1, Body.MAX_INLINE})
  void bodiesUpToTheLimitLieInTheRecord(int size) {
    Message message = plain(size);

    assertThat(message.storedSize()).isGreaterThanOrEqualTo(size);
    QueueChronicle.assertSame(readBack(message), message);
  }

  private static Message large(boolean persistent) {
    Body body = new Body.Stored(77, 512L << 20, persistent);
    return new Message("exchange", "key", new Content(NO_PROPERTIES, body), true);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void largerBodiesLieElsewhere(boolean persistent) {
    assertThat(large(persistent).storedSize()).isLessThan(100);
    assertThat(large(persistent).sizeInMemory()).isZero();
    QueueChronicle.assertSame(readBack(large(persistent)), large(persistent));
  }

  @Test
  void anotherVersionIsRefused() {
    byte[] stored = stored(plain(3));
    stored[0] = 3;

    assertThatThrownBy(() -> read(stored))
        .isInstanceOf(StoreException.class)
        .hasMessage("a stored message has format version 3");
  }

  @Test
  void flagsThatAreNotKnownAreRefused() {
    byte[] stored = stored(plain(3));
    // Version 2 knows all there can be.
    stored[0] = 1;
    stored[1] = (byte) 0x81;

    assertThatThrownBy(() -> read(stored))
        .isInstanceOf(StoreException.class)
        .hasMessage("a stored message has unknown flags 81");
  }

  /** As all messages were written before there was anything but what had been published. */
  @Test
  void version1IsRead() {
    for (Message message : List.of(plain(300), large(true), large(false))) {
      byte[] stored = stored(message);
      stored[0] = 1;

      assertThat(StoredForm.bodySize(ByteBuffer.wrap(stored))).isEqualTo(message.size());
      assertThat(load(stored).stamps()).isEqualTo(Stamps.NONE);
      QueueChronicle.assertSame(read(stored), message);
    }
  }

  /** The chunk it lies in has it, unless the message has it itself. */
  @Test
  void theStoreTellsWhenItCame() {
    Message message = plain(3);
    StoredMessage without = new StoredMessage(7, 1234, stored(message), true, 0, 0);
    assertThat(StoredForm.read(without).stamps())
        .isEqualTo(new Stamps(Stamps.NEVER, 1234, Stamps.UNKNOWN, null));
    Stamps own = new Stamps(Stamps.NEVER, 1300, Stamps.UNKNOWN, null);
    StoredMessage with =
        new StoredMessage(7, 1234, stored(new Stamped(message, true, own)), true, 0, 0);
    assertThat(StoredForm.read(with).stamps()).isEqualTo(own);
  }

  @Test
  void version1HasNoStamps() {
    byte[] stored = stored(plain(3));
    stored[0] = 1;
    stored[1] |= 8;

    assertThatThrownBy(() -> read(stored)).hasMessage("a stored message has unknown flags 09");
  }

  @Test
  void messageWithoutStampsTakesNoByteForThem() {
    assertThat(stored(message("exchange", "key", NO_PROPERTIES, new byte[10])))
        .hasSize(1 + 1 + 9 + 4 + 4 + 2 + 10);
  }

  @Test
  void anyStampsReadBack() {
    SeededRuns.run(
        StoredFormTest.class,
        (random, trace) -> {
          for (int i = 0; i < 20; i++) {
            Stamps stamps = anyStamps(random);
            trace.add(stamps.toString());
            Message message = random.nextBoolean() ? large(true) : plain(random.nextInt(300));
            Stamped stamped = new Stamped(message, random.nextBoolean(), stamps);
            byte[] bytes = stored(stamped);

            assertThat(stamped.bodySize()).isEqualTo(message.size());
            assertThat(stamped.expiresAt()).isEqualTo(stamps.due());
            assertThat(StoredForm.bodySize(ByteBuffer.wrap(bytes))).isEqualTo(message.size());
            Loaded loaded = load(bytes);
            assertThat(loaded.stamps()).isEqualTo(stamps);
            assertThat(loaded.position()).isEqualTo(7);
            assertThat(loaded.returns()).isEqualTo(3);
            QueueChronicle.assertSame(loaded.message(), message);
          }
        });
  }

  private static Stamps anyStamps(SplittableRandom random) {
    return new Stamps(
        random.nextBoolean() ? Stamps.NEVER : anyNumber(random),
        random.nextBoolean() ? Stamps.UNKNOWN : anyNumber(random),
        random.nextBoolean() ? Stamps.UNKNOWN : random.nextInt(256),
        random.nextBoolean() ? null : new Stamps.Origin(random.nextLong(), anyNumber(random)));
  }

  private static long anyNumber(SplittableRandom random) {
    return random.nextLong() >>> 1 + random.nextInt(63);
  }

  /** The body goes to the record's end, whose length the store keeps: before it, all is told. */
  @Test
  void recordsCutBeforeTheBodyAreRefused() {
    byte[] whole = stored(message("exchange", "key", new byte[300], new byte[0]));

    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> read(cut))
          .as("cut to %s", length)
          .isInstanceOf(StoreException.class);
    }
  }

  @Test
  void recordsOfLargeBodiesAreRefusedWhereverTheyAreCut() {
    byte[] whole = stored(large(true));

    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> read(cut))
          .as("cut to %s", length)
          .isInstanceOf(StoreException.class);
    }
  }

  /** A length that cannot be must not take two gigabytes before anybody looks. */
  @ParameterizedTest
  @ValueSource(ints = {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, Integer.MAX_VALUE - 8, 4})
  void impossibleLengthOfPropertiesIsRefused(int length) {
    byte[] stored = stored(message("", "", NO_PROPERTIES, new byte[1]));
    ByteBuffer.wrap(stored).putInt(4, length);

    assertThatThrownBy(() -> read(stored)).isInstanceOf(StoreException.class);
  }
}
