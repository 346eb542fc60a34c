import com.rabbitmq.client.CancelCallback;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.DeliverCallback;
import com.rabbitmq.client.Delivery;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A consumer that keeps its deliveries until the scenario asks for them. */
final class Inbox {
  private final BlockingQueue<Delivery> arrived = new LinkedBlockingQueue<>();
  final BlockingQueue<String> cancels = new LinkedBlockingQueue<>();

  Inbox(Channel channel, String queue, String tag, boolean autoAck) throws IOException {
    DeliverCallback keep = (consumer, delivery) -> arrived.add(delivery);
    CancelCallback note = cancels::add;
    channel.basicConsume(queue, autoAck, tag, keep, note);
  }

  Delivery next() throws Exception {
    return taken(arrived, "a delivery");
  }

  static <T> T taken(BlockingQueue<T> arrivals, String what) throws Exception {
    T arrival = arrivals.poll(Run.DEADLINE, TimeUnit.MILLISECONDS);
    if (arrival == null) {
      throw new TimeoutException("waited " + Run.DEADLINE + " ms for " + what);
    }
    return arrival;
  }
}
