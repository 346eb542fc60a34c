package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.warrenmq.broker.TestBroker.await;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.netty.util.internal.PlatformDependent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.warrenmq.broker.auth.AuthBackend;
import org.warrenmq.broker.auth.Authority;
import org.warrenmq.broker.auth.Credentials;
import org.warrenmq.broker.auth.Login;
import org.warrenmq.broker.auth.Peer;
import org.warrenmq.broker.auth.Permissions;
import org.warrenmq.broker.auth.Rights;
import org.warrenmq.broker.auth.User;
import org.warrenmq.broker.auth.Verdict;
import org.warrenmq.broker.auth.Wish;

/** Logins and opens that somebody else decides, who takes his time. */
class SlowLoginTest {
  private static final Duration TWO_SECONDS = Duration.ofSeconds(2);
  private static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(5);

  private static final Map<String, Object> TELL_ME =
      Map.of("capabilities", Map.of("authentication_failure_close", true));

  private static final Asked ASKED = new Asked();
  @AutoClose private static TestBroker broker;

  /** Knows guest; about others it is asked, and the test answers. */
  private static final class Asked implements AuthBackend {
    final BlockingQueue<CompletableFuture<Login>> logins = new LinkedBlockingQueue<>();
    final BlockingQueue<CompletableFuture<Verdict>> opens = new LinkedBlockingQueue<>();

    @Override
    public CompletionStage<Login> login(Credentials who, Peer peer) {
      if (who.name().equals("guest") || who.name().equals("opener")) {
        return CompletableFuture.completedStage(
            new Login.Granted(
                new User(who.name()), new Everything(who.name().equals("opener") ? opens : null)));
      }
      return ask(logins);
    }

    private static <T> CompletableFuture<T> ask(BlockingQueue<CompletableFuture<T>> asked) {
      CompletableFuture<T> answer = new CompletableFuture<>();
      asked.add(answer);
      return answer;
    }
  }

  /**
   * Allows everything.
   *
   * @param opens asked whether a virtual host may be opened; null: any may
   */
  private record Everything(@Nullable BlockingQueue<CompletableFuture<Verdict>> opens)
      implements Authority {
    @Override
    public CompletionStage<Verdict> mayOpen(String vhost, Peer peer) {
      return opens == null
          ? CompletableFuture.completedStage(new Verdict.Allowed())
          : Asked.ask(opens);
    }

    @Override
    public long epoch() {
      return 0;
    }

    @Override
    public Rights rights(String vhost) {
      return Permissions.ALL;
    }

    @Override
    public CompletionStage<Verdict> ask(String vhost, Wish wish) {
      throw new IllegalStateException("all is known");
    }
  }

  private static final Login GRANTED = new Login.Granted(new User("slow"), new Everything(null));

  @BeforeAll
  static void start() throws Exception {
    broker =
        TestBroker.start(
            limits -> TestBroker.withHandshakeTimeout(limits, HANDSHAKE_TIMEOUT), ASKED);
    roundTrip();
  }

  @BeforeEach
  void forget() {
    ASKED.logins.clear();
    ASKED.opens.clear();
  }

  private static <T> CompletableFuture<T> asked(BlockingQueue<CompletableFuture<T>> questions)
      throws InterruptedException {
    CompletableFuture<T> answer =
        questions.poll(TestBroker.LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    assertThat(answer).as("the back end was asked").isNotNull();
    return answer;
  }

  /** Another client connects, publishes and gets. */
  private static Duration roundTrip() throws Exception {
    long begin = System.nanoTime();
    try (Connection connection = broker.connect()) {
      Channel channel = connection.createChannel();
      String queue = channel.queueDeclare().getQueue();
      channel.basicPublish("", queue, null, new byte[100]);
      assertThat(channel.basicGet(queue, true)).isNotNull();
    }
    return Duration.ofNanos(System.nanoTime() - begin);
  }

  /** Says who it is, and waits. */
  private static RawClient arrive(String user, byte[]... early) throws IOException {
    RawClient client = RawClient.connect(broker.port());
    client.send(RawClient.PROTOCOL_HEADER);
    client.expect(0, AMQP.Connection.Start.class);
    ByteArrayOutputStream octets = new ByteArrayOutputStream();
    octets.writeBytes(RawClient.frame(0, RawClient.startOk(user, TELL_ME)));
    for (byte[] frame : early) {
      octets.writeBytes(frame);
    }
    client.send(octets.toByteArray());
    return client;
  }

  private static void finish(RawClient client) throws IOException {
    client.expect(0, AMQP.Connection.Tune.class);
    client.send(0, RawClient.tuneOk());
    client.send(0, RawClient.openVhost());
    client.expect(0, AMQP.Connection.OpenOk.class);
    client.openChannel(1);
  }

  @Test
  @DisplayName("a login of two seconds delays nobody else")
  void delaysNobodyElse() throws Exception {
    List<RawClient> waiting = new ArrayList<>();
    List<CompletableFuture<Login>> answers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      waiting.add(arrive("slow"));
      answers.add(asked(ASKED.logins));
    }
    for (CompletableFuture<Login> answer : answers) {
      answer.completeOnTimeout(GRANTED, TWO_SECONDS.toMillis(), TimeUnit.MILLISECONDS);
    }
    List<Duration> others = new ArrayList<>();
    while (answers.stream().noneMatch(CompletableFuture::isDone)) {
      others.add(roundTrip());
    }
    assertThat(others).as("round trips meanwhile").hasSizeGreaterThan(5);
    assertThat(others.stream().sorted().toList().get(others.size() / 2))
        .as("one of them, mostly")
        .isLessThan(Duration.ofMillis(200));
    for (RawClient client : waiting) {
      finish(client);
      client.close();
    }
  }

  @Test
  @DisplayName("what comes before the answer waits, however much, and is then carried out in order")
  void earlyFrames() throws Exception {
    ByteArrayOutputStream publishes = new ByteArrayOutputStream();
    while (publishes.size() < 10_000) {
      publishes.writeBytes(RawClient.publishing(1, "early", new byte[1000]));
    }
    byte[] heartbeat = RawClient.frame(RawClient.HEARTBEAT, 0, new byte[0]);
    try (RawClient client =
        arrive(
            "slow",
            heartbeat,
            RawClient.frame(0, RawClient.tuneOk()),
            RawClient.frame(0, RawClient.openVhost()),
            RawClient.frame(1, new AMQP.Channel.Open.Builder().build()),
            RawClient.frame(1, new AMQP.Queue.Declare.Builder().queue("early").build()),
            publishes.toByteArray(),
            RawClient.frame(1, new AMQP.Queue.Purge.Builder().queue("early").build()))) {
      CompletableFuture<Login> answer = asked(ASKED.logins);
      roundTrip();
      answer.complete(GRANTED);
      client.expect(0, AMQP.Connection.Tune.class);
      client.expect(0, AMQP.Connection.OpenOk.class);
      client.expect(1, AMQP.Channel.OpenOk.class);
      client.expect(1, AMQP.Queue.DeclareOk.class);
      assertThat(client.expect(1, AMQP.Queue.PurgeOk.class).getMessageCount()).isEqualTo(10);
    }
  }

  @Test
  @DisplayName("more than the sockets take is not read before the answer")
  void readingStops() throws Exception {
    byte[] many = new byte[16 << 20];
    try (RawClient client = arrive("slow")) {
      CompletableFuture<Login> answer = asked(ASKED.logins);
      Thread sender = Thread.ofVirtual().start(() -> sendUntilCut(client, many));
      long held = broker.broker().bytesHeld();
      roundTrip();
      assertThat(sender.isAlive()).as("the client cannot get rid of it").isTrue();
      assertThat(broker.broker().bytesHeld() - held).isLessThan(1 << 20);
      answer.complete(new Login.Refused("slow"));
      sender.join();
    }
  }

  private static void sendUntilCut(RawClient client, byte[] octets) {
    try {
      client.send(octets);
    } catch (IOException e) {
      // That is how it ends.
    }
  }

  @Test
  @DisplayName("a refusal that takes its time is told like any other")
  void refused() throws Exception {
    try (RawClient client =
        arrive(
            "slow",
            RawClient.frame(0, RawClient.tuneOk()),
            RawClient.frame(0, RawClient.openVhost()))) {
      asked(ASKED.logins).complete(new Login.Refused("slow"));
      AMQP.Connection.Close close = client.expect(0, AMQP.Connection.Close.class);
      assertThat(close.getReplyCode()).isEqualTo(AMQP.ACCESS_REFUSED);
      client.send(0, new AMQP.Connection.CloseOk.Builder().build());
      assertThat(client.reachesEnd()).isTrue();
    }
  }

  @Test
  @DisplayName("who cannot be asked about is refused")
  void failed() throws Exception {
    try (RawClient client = arrive("slow")) {
      asked(ASKED.logins).completeExceptionally(new IOException("the directory is down"));
      assertThat(client.expect(0, AMQP.Connection.Close.class).getReplyCode())
          .isEqualTo(AMQP.ACCESS_REFUSED);
    }
  }

  @Test
  @DisplayName("a client that goes meanwhile leaves nothing, and its answer does nothing")
  void closedMeanwhile() throws Exception {
    // What is made once is made.
    goneMeanwhile(20);
    long before = PlatformDependent.usedDirectMemory();
    goneMeanwhile(100);
    await("direct memory as before")
        .until(() -> PlatformDependent.usedDirectMemory() <= before + (1 << 20));
    roundTrip();
  }

  private static void goneMeanwhile(int clients) throws Exception {
    List<CompletableFuture<Login>> answers = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      arrive("slow", new byte[10_000]).close();
      answers.add(asked(ASKED.logins));
    }
    roundTrip();
    answers.forEach(answer -> answer.complete(GRANTED));
    roundTrip();
  }

  @Test
  @DisplayName("an answer that never comes is waited for as long as a handshake may take")
  void never() throws Exception {
    long begin = System.nanoTime();
    try (RawClient client = arrive("slow", new byte[100])) {
      CompletableFuture<Login> answer = asked(ASKED.logins);
      assertThat(client.reachesEnd()).isTrue();
      assertThat(Duration.ofNanos(System.nanoTime() - begin))
          .isBetween(HANDSHAKE_TIMEOUT.minusMillis(50), HANDSHAKE_TIMEOUT.plusSeconds(3));
      answer.complete(GRANTED);
      roundTrip();
    }
  }

  @Test
  @DisplayName("while an open is decided heartbeats go on, and silence is no death")
  void slowOpen() throws Exception {
    try (RawClient client = arrive("opener", RawClient.frame(0, RawClient.tuneOk(1)))) {
      client.expect(0, AMQP.Connection.Tune.class);
      client.send(0, RawClient.openVhost());
      CompletableFuture<Verdict> answer = asked(ASKED.opens);
      // As many as it takes to be given up, were anything expected.
      for (int beats = 0; beats < 6; beats++) {
        assertThat(client.readAny().type()).isEqualTo(RawClient.HEARTBEAT);
      }
      answer.complete(new Verdict.Allowed());
      client.expect(0, AMQP.Connection.OpenOk.class);
      client.openChannel(1);
    }
  }

  @Test
  @DisplayName("an open that is refused names user and virtual host")
  void openRefused() throws Exception {
    try (RawClient client = arrive("opener", RawClient.frame(0, RawClient.tuneOk()))) {
      client.expect(0, AMQP.Connection.Tune.class);
      client.send(0, RawClient.openVhost());
      asked(ASKED.opens).complete(new Verdict.Denied());
      AMQP.Connection.Close close = client.expect(0, AMQP.Connection.Close.class);
      assertThat(close.getReplyCode()).isEqualTo(AMQP.NOT_ALLOWED);
      assertThat(close.getReplyText())
          .isEqualTo("NOT_ALLOWED - access to vhost '/' refused for user 'opener'");
      assertThat(close.getClassId()).isEqualTo(10);
      assertThat(close.getMethodId()).isEqualTo(40);
    }
  }
}
