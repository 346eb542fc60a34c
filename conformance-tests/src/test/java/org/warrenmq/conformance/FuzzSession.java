package org.warrenmq.conformance;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * One connection of a hostile client, from its first octet to its last; runs on a thread of its own
 * and has the answers read on another. All that it says follows from its seed, the moments when it
 * hears of a close excepted.
 */
final class FuzzSession implements Callable<Integer> {
  private static final long LIMIT_MILLIS = ConformanceTest.LIMIT.toMillis();
  private static final long LISTENING_MILLIS = 100;
  private static final int CHANNELS = 3;
  private static final byte[] PROTOCOL = {'A', 'M', 'Q', 'P', 0, 0, 9, 1};

  /** How a client behaves; the probabilities of its sins in percent. */
  private enum Manner {
    ORDERLY(0, 0, 0),
    CONFUSED(15, 8, 0),
    BROKEN(3, 3, 10),
    WILD(30, 10, 30);

    final int anyMethod;
    final int stray;
    final int mutation;

    Manner(int anyMethod, int stray, int mutation) {
      this.anyMethod = anyMethod;
      this.stray = stray;
      this.mutation = mutation;
    }
  }

  private final BrokerUnderTest broker;
  private final FuzzFrames frames;
  private final Manner manner;
  private final int length;
  private final int frameMax;
  private final AnswerCheck.Heard heard;
  private final ByteArrayOutputStream unsent = new ByteArrayOutputStream();
  private int sent;
  private int listened;

  FuzzSession(BrokerUnderTest broker, long seed, AnswerCheck.Heard heard) {
    this.broker = broker;
    this.heard = heard;
    this.frameMax = seed % 3 == 0 ? 131_072 : 4096;
    this.frames = new FuzzFrames(seed, frameMax);
    Manner[] all = Manner.values();
    this.manner = frames.chance(30) ? Manner.ORDERLY : all[frames.random.nextInt(all.length)];
    this.length = frames.random.nextInt(10, 90);
  }

  /** Returns how many frames it sent. */
  @Override
  public Integer call() throws Exception {
    try (var socket = new Socket();
        var reader = Executors.newVirtualThreadPerTaskExecutor()) {
      socket.connect(new InetSocketAddress(broker.host(), broker.amqpPort()), (int) LIMIT_MILLIS);
      socket.setTcpNoDelay(true);
      socket.setSoTimeout((int) LIMIT_MILLIS);
      var answers = new AnswerCheck(socket.getInputStream(), frameMax, heard);
      boolean deaf = frames.chance(4);
      if (deaf) {
        answers.senderEnded = true;
      }
      CompletableFuture<Void> read =
          deaf
              ? CompletableFuture.completedFuture(null)
              : CompletableFuture.runAsync(answers, reader);
      boolean orderly = talk(socket, answers, deaf);
      if (orderly) {
        // Nothing was wrong with the octets: the broker owes an answer to the close.
        ConformanceTest.await("the end", () -> answers.connectionClosed || read.isDone());
      }
      if (deaf || (!orderly && frames.chance(30))) {
        answers.senderEnded = true;
        socket.setSoLinger(true, 0);
        socket.close();
      } else {
        answers.senderEnded = true;
        endOutput(socket);
      }
      read.get(LIMIT_MILLIS, TimeUnit.MILLISECONDS);
      return sent;
    }
  }

  private static void endOutput(Socket socket) throws IOException {
    try {
      socket.shutdownOutput();
    } catch (SocketException e) {
      // The broker was quicker; what it said last is still to be checked.
    }
  }

  /** Says everything; true when it ended with a close that must be answered. */
  private boolean talk(Socket socket, AnswerCheck answers, boolean deaf)
      throws IOException, InterruptedException {
    OutputStream out = socket.getOutputStream();
    try {
      greet();
      while (sent < length && !answers.connectionClosed) {
        answerCloses(answers);
        if (frames.chance(2)) {
          reopen(out, answers, deaf);
        } else {
          speak();
        }
        if (frames.chance(30)) {
          flush(out);
        } else if (frames.chance(45) && !deaf) {
          listen(out, answers);
        }
      }
      if (answers.connectionClosed) {
        add(method(0, Octets.method(10, 51)));
      } else if (manner == Manner.ORDERLY && !deaf) {
        add(method(0, Octets.method(10, 50).u16(200).shortString("bye").u16(0).u16(0)));
      }
      flush(out);
      return manner == Manner.ORDERLY && !deaf;
    } catch (SocketException e) {
      // The broker has ended the socket: its right, if it was said something wrong.
      if (manner == Manner.ORDERLY && !answers.connectionClosed && !deaf) {
        throw e;
      }
      return false;
    }
  }

  /** The whole handshake in advance, as far as nothing in it gets broken. */
  private void greet() {
    byte[] header = PROTOCOL.clone();
    if (manner == Manner.WILD && frames.chance(10)) {
      header[frames.random.nextInt(8)]++;
    }
    unsent.writeBytes(header);
    String login = "\0" + broker.user() + "\0" + broker.password();
    add(
        method(
            0,
            Octets.method(10, 11)
                .table(new Octets())
                .shortString("PLAIN")
                .longString(login)
                .shortString("en_US")));
    add(method(0, Octets.method(10, 31).u16(100).u32(frameMax).u16(0)));
    add(method(0, Octets.method(10, 40).shortString(broker.vhost()).shortString("").u8(0)));
    for (int channel = 1; channel <= CHANNELS; channel++) {
      open(channel);
    }
  }

  /**
   * Opens one more channel and waits for that: by then the broker has read all before. Broken
   * octets may have left it waiting for more, so that only orderly clients wait for long.
   */
  private void listen(OutputStream out, AnswerCheck answers)
      throws IOException, InterruptedException {
    answers.opened.drainPermits();
    open(CHANNELS + ++listened);
    flush(out);
    await(answers.opened);
  }

  private void await(Semaphore answered) throws InterruptedException {
    long millis = manner == Manner.ORDERLY ? LISTENING_MILLIS : LISTENING_MILLIS / 10;
    answered.tryAcquire(millis, TimeUnit.MILLISECONDS);
  }

  /** Closes a channel, with whatever it holds, and opens it again. */
  private void reopen(OutputStream out, AnswerCheck answers, boolean deaf)
      throws IOException, InterruptedException {
    int channel = frames.random.nextInt(1, CHANNELS + 1);
    answers.closed.drainPermits();
    add(method(channel, Octets.method(20, 40).u16(200).shortString("bye").u16(0).u16(0)));
    flush(out);
    if (!deaf) {
      await(answers.closed);
    }
    open(channel);
  }

  private void answerCloses(AnswerCheck answers) {
    Integer closed;
    while ((closed = answers.closedChannels.poll()) != null) {
      add(method(closed, Octets.method(20, 41)));
      open(closed);
    }
  }

  private void speak() {
    if (frames.chance(manner.anyMethod)) {
      add(frames.anyMethod());
    } else if (frames.chance(manner.stray)) {
      add(frames.strayFrame());
    } else {
      frames.request(frames.random.nextInt(1, CHANNELS + 1)).forEach(this::add);
    }
  }

  private void open(int channel) {
    add(method(channel, Octets.method(20, 10).shortString("")));
    if (frames.chance(50)) {
      add(method(channel, Octets.method(85, 10).u8(1)));
    }
  }

  private static RawFrame method(int channel, Octets octets) {
    return new RawFrame(RawFrame.METHOD, channel, octets.toBytes());
  }

  private void add(RawFrame frame) {
    byte[] octets =
        RawConnection.frame(
            frame.type(), frame.channel(), frame.payload(), RawConnection.FRAME_END);
    // The handshake is spared mostly, or there would be little behind it.
    boolean wrong = frames.chance(sent < CHANNELS + 3 ? manner.mutation / 8 : manner.mutation);
    unsent.writeBytes(wrong ? frames.mutate(octets) : octets);
    sent++;
  }

  /** Sends what has gathered, cut anywhere. */
  private void flush(OutputStream out) throws IOException {
    byte[] octets = unsent.toByteArray();
    unsent.reset();
    int from = 0;
    while (from < octets.length) {
      int most = frames.chance(20) ? 4 : 3000;
      int part = Math.min(octets.length - from, frames.random.nextInt(1, most + 1));
      out.write(octets, from, part);
      out.flush();
      from += part;
    }
  }

  @Override
  public String toString() {
    return manner + " of " + length + " frames, " + sent + " sent";
  }
}
