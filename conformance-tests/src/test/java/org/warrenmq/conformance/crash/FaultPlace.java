package org.warrenmq.conformance.crash;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultConsumer;
import org.warrenmq.conformance.BrokerProcess;

/** Where a fault is tried: on every kind of thread, in the broker's classes and below them. */
enum FaultPlace {
  LOOP(engine("loop.RoomLoop"), "openMail", Threads.LOOP, Lead.NONE),
  QUEUE(engine("queue.Dispatcher"), "publish", Threads.LOOP, Lead.NONE),
  WRITTEN(engine("home.Journal$OnDisk"), "open", Threads.LOOP, Lead.NONE),
  WRITER(store("StoreWriter"), "writeFolded", "warren-store", Lead.NONE),
  FOLD(store("Fold"), "apply", "warren-store", Lead.NONE),
  READER(store("StoreReader"), "messages", "warren-store-reader", Lead.CONSUME),
  TOPOLOGY(broker("topology.Topology"), "declareQueue", "warren-topology", Lead.DECLARE),
  HEARTBEAT(broker("amqp.Heartbeats"), "tick", Threads.LOOP, Lead.HEARTBEAT),
  ALARMS(broker("alarms.Alarms"), "checkMemory", "warren-alarms", Lead.NONE),
  WATCHDOG(broker("Watchdog$Looks"), "isWell", "warren-watchdog", Lead.NONE),
  STOP(broker("Broker"), "stopQueues", "warren-stop", Lead.TERMINATE),
  ACCEPT(broker("amqp.AmqpServer"), "accept", Threads.LOOP, Lead.DECLARE),
  READ(broker("amqp.AmqpConnection"), "channelRead", Threads.LOOP, Lead.NONE),
  WRITABLE(broker("amqp.AmqpConnection"), "channelWritabilityChanged", Threads.LOOP, Lead.GET),
  INACTIVE(broker("amqp.AmqpConnection"), "channelInactive", Threads.LOOP, Lead.VANISH),
  ENDED(broker("sockets.PatientSocket"), "finish", Threads.LOOP, Lead.VANISH),
  DECODER("org.warrenmq.codec.FrameDecoder", "decode", Threads.LOOP, Lead.NONE),
  SOCKET(
      "io.netty.channel.epoll.AbstractEpollChannel$AbstractEpollUnsafe",
      "handle",
      Threads.LOOP,
      Lead.NONE),
  WRITE("io.netty.channel.epoll.AbstractEpollStreamChannel", "doWrite", Threads.LOOP, Lead.NONE),
  ACCEPTOR(
      "io.netty.bootstrap.ServerBootstrap$ServerBootstrapAcceptor",
      "channelRead",
      Threads.ANY,
      Lead.DECLARE),
  REGISTER(
      "io.netty.channel.AbstractChannel$AbstractUnsafe", "register0", Threads.LOOP, Lead.DECLARE);

  final Sabotage place;
  final String thread;
  final Lead lead;

  FaultPlace(String className, String method, String thread, Lead lead) {
    this.place = new Sabotage(className, method);
    this.thread = thread;
    this.lead = lead;
  }

  /** How the names of threads begin of which there are several. */
  private static final class Threads {
    static final String LOOP = "vert.x-eventloop-thread-";
    static final String ANY = "vert.x-";
  }

  private static String broker(String name) {
    return "org.warrenmq.broker." + name;
  }

  private static String engine(String name) {
    return "org.warrenmq.engine." + name;
  }

  private static String store(String name) {
    return "org.warrenmq.store." + name;
  }

  /**
   * An exception while a connection's own input is read is that connection's alone; and one while
   * it is accepted, when it has nothing yet.
   */
  boolean endsTheNode(Class<? extends Throwable> kind) {
    return Error.class.isAssignableFrom(kind)
        || this != DECODER && this != ACCEPTOR && this != REGISTER;
  }

  /** What leads to a place, beside the publisher that works all the while. */
  enum Lead {
    NONE {
      @Override
      void go(BrokerProcess broker) {
        // The publisher does.
      }
    },
    TERMINATE {
      @Override
      void go(BrokerProcess broker) {
        broker.terminate();
      }
    },
    DECLARE {
      @Override
      void go(BrokerProcess broker) throws Exception {
        Client.of(broker).channel().queueDeclare();
      }
    },
    VANISH {
      @Override
      void go(BrokerProcess broker) throws Exception {
        Client.of(broker).close();
      }
    },
    HEARTBEAT {
      @Override
      void go(BrokerProcess broker) throws Exception {
        ConnectionFactory factory = Stage.factory(broker.uri());
        factory.setRequestedHeartbeat(1);
        factory.newConnection();
      }
    },
    /** A message of which the socket does not take all at once. */
    GET {
      @Override
      void go(BrokerProcess broker) throws Exception {
        Channel channel = Client.of(broker).channel();
        String queue = channel.queueDeclare().getQueue();
        channel.basicPublish("", queue, null, new byte[LARGE]);
        channel.basicGet(queue, true);
      }
    },
    CONSUME {
      @Override
      void go(BrokerProcess broker) throws Exception {
        Channel channel = Client.of(broker).channel();
        channel.basicConsume(FaultTrial.QUEUE, new DefaultConsumer(channel));
      }
    };

    private static final int LARGE = 900_000;

    abstract void go(BrokerProcess broker) throws Exception;
  }
}
