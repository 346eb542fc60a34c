package org.warrenmq.broker.amqp;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.ForgetfulStore;
import org.warrenmq.broker.auth.HandAccounts;
import org.warrenmq.broker.auth.InternalBackend;
import org.warrenmq.broker.auth.User;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.broker.topology.ConnectionId;
import org.warrenmq.broker.topology.HandVhost;
import org.warrenmq.broker.topology.QueueEntry;
import org.warrenmq.broker.topology.Topology;
import org.warrenmq.codec.AmqpError;
import org.warrenmq.codec.Body;
import org.warrenmq.codec.Content;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FrameDecoder;
import org.warrenmq.codec.FrameListener;
import org.warrenmq.codec.KeyInterner;
import org.warrenmq.codec.Method;
import org.warrenmq.codec.PropertyInterner;
import org.warrenmq.engine.home.LoopStore;
import org.warrenmq.engine.loop.LoopAccount.Kind;
import org.warrenmq.engine.loop.LoopClock;
import org.warrenmq.engine.loop.NodeMemory;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.engine.message.Message;
import org.warrenmq.engine.queue.QueueCommand;
import org.warrenmq.engine.queue.QueueCommand.QueueStatus;
import org.warrenmq.engine.queue.QueueSettings;
import org.warrenmq.router.ExchangeTypes;
import org.warrenmq.router.Router;

/**
 * A session on a loop that turns when the test says so, with queues of its own and a socket that
 * shows what was said; for the test's thread.
 */
final class HandSession {
  private static final byte[] NO_PROPERTIES = {0, 0};
  private static final int FRAME_MAX = 131072;
  private static final User GUEST = new User("guest");

  /** Milliseconds that go by at once. */
  private static final long STEP = 50;

  final EmbeddedChannel socket = new EmbeddedChannel();
  private final HandClock clock = new HandClock();
  final RoomLoop loop = new RoomLoop(socket.eventLoop(), NodeMemory.unlimited(), clock);
  final LoopStore store = new LoopStore(loop, new ForgetfulStore(), Long.MAX_VALUE);
  final Channel channel = new Channel();
  final Session session;
  private final HandVhost vhost = new HandVhost();

  /** A channel that says nothing by itself; what its parts want of it is written down. */
  static final class Channel implements Replies {
    final List<Method> replies = new ArrayList<>();
    @Nullable AmqpError error;
    boolean open = true;
    boolean parked;
    long held;

    @Override
    public int number() {
      return 1;
    }

    @Override
    public boolean isOpen() {
      return open;
    }

    @Override
    public void reply(Method method) {
      replies.add(method);
    }

    @Override
    public void replyIfOpen(Method method) {
      if (open) {
        reply(method);
      }
    }

    @Override
    public void fail(AmqpError fault) {
      error = fault;
      open = false;
    }

    @Override
    public void park() {
      parked = true;
    }

    @Override
    public void parkBeforeDeliveries() {
      parked = true;
    }

    @Override
    public void resume() {
      parked = false;
    }

    @Override
    public void grow(int bytes) {
      held += bytes;
    }
  }

  /** A clock that stands still between two calls. */
  private static final class HandClock implements LoopClock {
    private long millis = 1_000_000;

    @Override
    public long nanos() {
      return TimeUnit.MILLISECONDS.toNanos(millis);
    }

    @Override
    public long millis() {
      return millis;
    }
  }

  HandSession() {
    this(BrokerConfig.defaults().limits(), "consumer_cancel_notify");
  }

  /**
   * @param capability what the client can do
   */
  HandSession(BrokerConfig.Limits limits, String capability) {
    socket.freezeTime();
    ReadGate gate = new ReadGate(socket, loop.account(), (_, _) -> {});
    Outbound outbound = new Outbound(socket);
    TurnOutput output = new TurnOutput(loop, outbound, gate, () -> {});
    Client client = Client.of(capable(capability));
    Blocking blocking = new Blocking(() -> null, client, output);
    Routes routes = new Routes(new Router());
    Silence silence = new Silence();
    InternalBackend users = HandAccounts.guest();
    Input input = new Input(silence, silence, store, gate, routes, FRAME_MAX);
    session =
        new Session(
            loop,
            store,
            new Topology(ExchangeTypes.load(), new ForgetfulStore(), NodeMemory.unlimited(), false),
            new ReplyRoutes(),
            vhost.vhost(),
            GUEST,
            new Access(users.authority("guest"), GUEST, vhost.vhost().name(), gate),
            Presence.enter(new Usage(), users.accounts(), GUEST, vhost.vhost()),
            client,
            new ConnectionId(0, 1),
            () -> false,
            limits,
            routes,
            new PropertyInterner(),
            input,
            new Uploads(store, blocking, gate, input),
            blocking,
            gate,
            output,
            new MessageWriter(store, output, outbound, FRAME_MAX),
            silence,
            null);
  }

  private static FieldTable capable(String capability) {
    return FieldTable.builder()
        .put("capabilities", FieldTable.builder().put(capability, true).build())
        .build();
  }

  static Message message(String body) {
    return new Message(
        "", "key", new Content(NO_PROPERTIES, new Body.Inline(body.getBytes(UTF_8))), false);
  }

  QueueEntry queue(String name) {
    return queue(name, QueueSettings.NONE);
  }

  QueueEntry queue(String name, QueueSettings settings) {
    return vhost.add(name, settings, store);
  }

  /** Publishes to a queue, past any channel. */
  void publish(QueueEntry queue, String... bodies) {
    for (String body : bodies) {
      loop.send(loop, new QueueCommand.Publish(queue.room(), message(body), null, 0));
    }
    run();
  }

  static String text(Message message) {
    return new String(((Body.Inline) message.content().body()).bytes(), UTF_8);
  }

  /** Takes a message off a queue. */
  QueueCommand.GetReply.Got get(QueueEntry queue) {
    List<QueueCommand.GetReply> answers = new ArrayList<>();
    loop.send(loop, new QueueCommand.Get(queue.room(), false, new ReplyTo<>(loop, answers::add)));
    run();
    return (QueueCommand.GetReply.Got) answers.getFirst();
  }

  /** How many messages are ready. */
  long ready(QueueEntry queue) {
    long[] ready = {-1};
    ReplyTo<@Nullable QueueStatus> answer =
        new ReplyTo<>(loop, status -> ready[0] = status == null ? -1 : status.ready());
    loop.send(loop, new QueueCommand.Inspect(queue.room(), answer));
    run();
    return ready[0];
  }

  /** Runs turns until nothing is left to do. */
  void run() {
    do {
      socket.runPendingTasks();
    } while (!loop.unsent().isEmpty());
    socket.checkException();
  }

  /** Lets time go by, a little at a time. */
  void pass(long millis) {
    for (long left = millis; left > 0; left -= STEP) {
      long step = Math.min(left, STEP);
      clock.millis += step;
      socket.advanceTimeBy(step, TimeUnit.MILLISECONDS);
      run();
    }
  }

  /** Whether the socket takes more. */
  void writable(boolean can) {
    var buffer = socket.unsafe().outboundBuffer();
    if (buffer != null) {
      buffer.setUserDefinedWritability(1, can);
    }
    socket.runPendingTasks();
    if (can) {
      session.output().writable();
    }
    run();
  }

  /** What is charged for what connections remember. */
  long kept() {
    return loop.account().held(Kind.BOOKKEEPING);
  }

  /** What was written since this was asked last: methods, and bodies as text. */
  List<Object> said() {
    List<Object> said = new ArrayList<>();
    for (ByteBuf out; (out = socket.readOutbound()) != null; ) {
      said.addAll(frames(out));
      out.release();
    }
    return said;
  }

  /** The frames in a buffer: methods, and bodies as text. */
  static List<Object> frames(ByteBuf octets) {
    List<Object> frames = new ArrayList<>();
    FrameListener listener =
        new FrameListener() {
          @Override
          public void method(int number, Method method) {
            frames.add(method);
          }

          @Override
          public void header(int number, int classId, int weight, long size, ByteBuf properties) {
            // Bodies are enough.
          }

          @Override
          public void body(int number, ByteBuf payload) {
            frames.add(payload.toString(UTF_8));
          }

          @Override
          public void heartbeat() {
            // Says nothing.
          }
        };
    new FrameDecoder(listener, new KeyInterner(1), FRAME_MAX).decode(octets);
    return frames;
  }

  /** The frames that something writes. */
  static List<Object> framesOf(Consumer<ByteBuf> writes) {
    ByteBuf out = Unpooled.buffer();
    writes.accept(out);
    return frames(out);
  }

  /** Nothing is read, and nothing is wrong. */
  private static final class Silence implements Input.Frames, Faults {
    @Override
    public void readHeader(ByteBuf in) {
      throw new AssertionError("nothing is read");
    }

    @Override
    public boolean isListening() {
      return false;
    }

    @Override
    public void method(int number, Method method) {
      throw new AssertionError(method);
    }

    @Override
    public void header(int number, int classId, int weight, long bodySize, ByteBuf properties) {
      throw new AssertionError("nothing is read");
    }

    @Override
    public void body(int number, ByteBuf payload) {
      throw new AssertionError("nothing is read");
    }

    @Override
    public void heartbeat() {
      throw new AssertionError("nothing is read");
    }

    @Override
    public void refused(int number, AmqpError error) {
      throw new AssertionError(error);
    }

    @Override
    public void timedOut(int number, String consumerTag, long millis) {
      // The client is told.
    }

    @Override
    public void fail(AmqpError error) {
      throw new AssertionError(error);
    }

    @Override
    public void failInside(RuntimeException fault) {
      throw fault;
    }
  }
}
