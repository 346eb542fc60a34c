package org.warrenmq.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.SplittableRandom;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Contents put together from headers and body frames, and what is said of those out of order. */
class ContentAssemblerTest {
  private static final long MAX = 1L << 40;
  private static final byte[] NO_PROPERTIES = {0, 0};
  private static final byte[] PERSISTENT = {0x10, 0, 2};

  private final KeptBodies large = new KeptBodies();
  private final ContentAssembler assembler = new ContentAssembler(new PropertyInterner(), large);
  private final SplittableRandom random = new SplittableRandom(7);

  @BeforeEach
  void startsBetweenMethods() {
    assertThat(assembler.expectsHeader()).isFalse();
    assertThat(assembler.expectsBody()).isFalse();
  }

  private Content header(long size, byte[] properties) {
    return assembler.header(60, 0, size, Unpooled.wrappedBuffer(properties), MAX);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        1, 2, 100, 4088, 65_535, 65_536, 65_537, 200_000, 1_048_576, 1_048_577, 1_310_720, 5_000_000
      })
  void putsBodiesTogether(int size) {
    byte[] body = new byte[size];
    random.nextBytes(body);
    for (int most : new int[] {size, 4088, 131_064}) {
      assembler.expect(60);
      assertThat(assembler.expectsHeader()).isTrue();
      assertThat(header(size, PERSISTENT)).isNull();
      Content content = null;
      for (int at = 0; at < size; ) {
        assertThat(assembler.expectsBody()).isTrue();
        int part = Math.min(random.nextInt(1, most + 1), size - at);
        content = assembler.body(Unpooled.wrappedBuffer(body, at, part));
        at += part;
        assertThat(content == null).isEqualTo(at < size);
      }
      assertWhole(content, body);
      assertThat(assembler.expectsBody()).isFalse();
    }
  }

  private void assertWhole(Content content, byte[] body) {
    assertThat(content.properties()).isEqualTo(PERSISTENT);
    assertThat(content.view().persistent()).isTrue();
    assertThat(content.bodySize()).isEqualTo(body.length);
    switch (content.body()) {
      case Body.Inline(byte[] bytes) -> {
        assertThat(body.length).isLessThanOrEqualTo(Body.MAX_INLINE);
        assertThat(bytes).isEqualTo(body);
      }
      case Body.Stored stored -> {
        assertThat(body.length).isGreaterThan(Body.MAX_INLINE);
        assertThat(stored.persistent()).isTrue();
        List<byte[]> pieces = large.bodies.get((int) stored.id());
        ByteBuf whole = Unpooled.wrappedBuffer(pieces.toArray(byte[][]::new));
        assertThat(ByteBufUtil.getBytes(whole)).isEqualTo(body);
      }
    }
  }

  @Test
  void aLargeBodyThatDoesNotComeWholeIsAbandoned() {
    assembler.expect(60);
    header(3L << 20, PERSISTENT);
    assembler.body(Unpooled.wrappedBuffer(new byte[2 << 20]));
    assertThat(large.bodies)
        .singleElement()
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .hasSize(8);
    assembler.reset();
    assertThat(large.abandoned).isEqualTo(1);
    assembler.reset();
    assertThat(large.abandoned).isEqualTo(1);
    assembler.expect(60);
    header(2L << 20, PERSISTENT);
    // More than announced.
    assembler.body(Unpooled.wrappedBuffer(new byte[3 << 20]));
    assertThat(large.abandoned).isEqualTo(2);
  }

  @Test
  void anEmptyBodyEndsWithTheHeader() {
    assembler.expect(60);
    Content content = header(0, NO_PROPERTIES);
    assertThat(content.body()).isSameAs(Body.EMPTY);
    assertThat(assembler.expectsHeader()).isFalse();
    assertThat(assembler.expectsBody()).isFalse();
  }

  @Test
  void emptyBodyFramesChangeNothing() {
    assembler.expect(60);
    header(1, NO_PROPERTIES);
    assertThat(assembler.body(Unpooled.EMPTY_BUFFER)).isNull();
    Content content = assembler.body(Unpooled.wrappedBuffer(new byte[] {42}));
    assertThat(((Body.Inline) content.body()).bytes()).containsExactly(42);
  }

  @Test
  void equalPropertiesShareAnArray() {
    assembler.expect(60);
    byte[] first = header(0, PERSISTENT.clone()).properties();
    assembler.expect(60);
    header(0, NO_PROPERTIES);
    assembler.expect(60);
    assertThat(header(0, PERSISTENT.clone()).properties()).isSameAs(first).isEqualTo(PERSISTENT);
    byte[] large = Properties.builder().messageId("m".repeat(200)).build().encode();
    assembler.expect(60);
    byte[] once = header(0, large).properties();
    assembler.expect(60);
    assertThat(header(0, large).properties()).isEqualTo(once).isNotSameAs(once);
  }

  @Test
  void contentWithoutAMethodIsUnexpected() {
    String text = "UNEXPECTED_FRAME - expected method frame, got non method frame instead";
    assertError(() -> header(1, NO_PROPERTIES), text, 0, 0);
    assertError(() -> assembler.body(Unpooled.EMPTY_BUFFER), text, 0, 0);
  }

  @Test
  void anythingButAHeaderIsUnexpectedAfterAMethod() {
    assembler.expect(60);
    String text =
        "UNEXPECTED_FRAME - expected content header for class 60, got non content header frame"
            + " instead";
    assertError(assembler::checkMethod, text, 60, 40);
    assertError(() -> assembler.expect(60), text, 60, 40);
    assertError(() -> assembler.body(Unpooled.EMPTY_BUFFER), text, 60, 40);
  }

  @Test
  void aHeaderOfAnotherClassIsUnexpected() {
    assembler.expect(60);
    assertError(
        () -> assembler.header(50, 0, 1, Unpooled.wrappedBuffer(NO_PROPERTIES), MAX),
        "UNEXPECTED_FRAME - expected content header for class 60, got one for class 50 instead",
        60,
        40);
  }

  @Test
  void anythingButABodyIsUnexpectedAfterAHeader() {
    assembler.expect(60);
    header(5, NO_PROPERTIES);
    String text = "UNEXPECTED_FRAME - expected content body, got non content body frame instead";
    assertError(assembler::checkMethod, text, 60, 40);
    assertError(() -> header(5, NO_PROPERTIES), text, 60, 40);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "00",
        "0001 0000", // a second word of flags
        "8000",
        "8000 05 6162",
        "0000 00",
        "1000",
        "2000 00000003 0161 5a",
        "2000 00000009 0161 56",
        "0040 00000000000000"
      })
  void malformedPropertiesAreAFrameError(String hex) {
    assembler.expect(60);
    ConnectionError error =
        catchThrowableOfType(
            ConnectionError.class, () -> header(0, Bytes.hex(hex.replaceAll(" *//.*", ""))));
    assertThat(error.code()).isEqualTo(ReplyCode.FRAME_ERROR);
  }

  @Test
  void flagsOfNoPropertyAreTakenAway() {
    assembler.expect(60);
    assertThat(header(0, Bytes.hex("0003")).properties()).isEqualTo(NO_PROPERTIES);
    assembler.expect(60);
    assertThat(header(0, Bytes.hex("1001 02")).properties()).isEqualTo(PERSISTENT);
  }

  @Test
  void aWeightCountsForNoHeader() {
    String text =
        "UNEXPECTED_FRAME - expected content header for class 60, got non content header frame"
            + " instead";
    assembler.expect(60);
    assertError(
        () -> assembler.header(60, 1, 1, Unpooled.wrappedBuffer(NO_PROPERTIES), MAX), text, 60, 40);
  }

  @Test
  void aBodyAboveTheLimitClosesTheChannelBeforeAnythingIsKept() {
    for (long size : new long[] {101, Long.MAX_VALUE, -1}) {
      assembler.expect(60);
      ChannelError error =
          catchThrowableOfType(
              ChannelError.class,
              () -> assembler.header(60, 0, size, Unpooled.wrappedBuffer(NO_PROPERTIES), 100));
      assertThat(error.text())
          .isEqualTo(
              "PRECONDITION_FAILED - message size "
                  + Long.toUnsignedString(size)
                  + " is larger than configured max size 100");
      assertThat(error.classId()).isEqualTo(60);
      assertThat(error.methodId()).isEqualTo(40);
      assertThat(assembler.expectsHeader()).isFalse();
    }
  }

  @Test
  void moreBodyThanAnnouncedIsWaitedForInVain() {
    assembler.expect(60);
    header(3, NO_PROPERTIES);
    assertThat(assembler.body(Unpooled.wrappedBuffer(new byte[4]))).isNull();
    ByteBuf more = Unpooled.wrappedBuffer(new byte[3]);
    assertThat(assembler.body(more)).isNull();
    assertThat(more.isReadable()).isFalse();
    assertThat(assembler.expectsBody()).isTrue();
    assertError(
        assembler::checkMethod,
        "UNEXPECTED_FRAME - expected content body, got non content body frame instead",
        60,
        40);
    assembler.reset();
    assembler.expect(60);
    assertThat(header(0, NO_PROPERTIES)).isNotNull();
  }

  @Test
  void memoryFollowsWhatArrivedAndNotWhatWasAnnounced() {
    // Classes are loaded with the first one.
    assembler.expect(60);
    header(1L << 39, NO_PROPERTIES);
    assembler.reset();
    assembler.expect(60);
    long before = Allocation.soFar();
    assertThat(header(1L << 39, NO_PROPERTIES)).isNull();
    assertThat(Allocation.soFar() - before).isLessThan(20_000);
    byte[] part = new byte[4088];
    ByteBuf payload = Unpooled.wrappedBuffer(part);
    before = Allocation.soFar();
    int arrived = 0;
    for (int i = 0; i < 500; i++) {
      assembler.body(payload.readerIndex(0));
      arrived += part.length;
      assertThat(assembler.expectsBody()).isTrue();
    }
    assertThat(arrived).isEqualTo(2_044_000);
    assertThat(Allocation.soFar() - before).isLessThan(2L * arrived + 1_000_000);
  }

  @Test
  void oneOctetOfABodyTakesAFewAndAWholeFrameItsOwnSize() {
    ByteBuf first = Unpooled.wrappedBuffer(new byte[1]);
    ByteBuf whole = Unpooled.wrappedBuffer(new byte[65_536]);
    long warm = begun(first) + begun(whole);
    assertThat(warm).isPositive();
    assertThat(begun(first)).isLessThan(1000);
    assertThat(begun(whole)).isBetween(65_536L, 66_536L);
  }

  /** What is allocated for a body of 64 KiB by its first octets. */
  private long begun(ByteBuf octets) {
    assembler.reset();
    assembler.expect(60);
    header(65_536, NO_PROPERTIES);
    long before = Allocation.soFar();
    assembler.body(octets.readerIndex(0));
    return Allocation.soFar() - before;
  }

  private static void assertError(ThrowingCallable call, String text, int classId, int methodId) {
    ConnectionError error = catchThrowableOfType(ConnectionError.class, call);
    assertThat(error.code()).isEqualTo(ReplyCode.UNEXPECTED_FRAME);
    assertThat(error.text()).isEqualTo(text);
    assertThat(error.classId()).isEqualTo(classId);
    assertThat(error.methodId()).isEqualTo(methodId);
  }
}
