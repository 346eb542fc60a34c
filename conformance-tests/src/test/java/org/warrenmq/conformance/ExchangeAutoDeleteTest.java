package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** When auto-delete exchanges go, and what goes with them. On the test thread. */
class ExchangeAutoDeleteTest extends MessagingTest {

  @Test
  @Behaviour(63)
  void anExchangeWithoutABindingStays() throws Exception {
    String exchange = autoDeleteExchange("direct");
    String queue = queue();
    channel().queueUnbind(queue, exchange, "never-bound");
    channel().queueDelete(queue);
    assertThat(exchangeExists(exchange)).isTrue();
  }

  @Test
  @Behaviour(63)
  void itGoesWithTheUnbindOfItsLastBinding() throws Exception {
    String exchange = autoDeleteExchange("direct");
    String queue = queue();
    channel().queueBind(queue, exchange, "a");
    channel().queueBind(queue, exchange, "b");
    channel().queueUnbind(queue, exchange, "a");
    assertThat(exchangeExists(exchange)).isTrue();
    channel().queueUnbind(queue, exchange, "b");
    assertThat(exchangeExists(exchange)).isFalse();
  }

  @Test
  @Behaviour(63)
  void itGoesWithItsLastBoundQueue() throws Exception {
    String exchange = autoDeleteExchange("fanout");
    String first = boundQueue(exchange, "");
    String second = boundQueue(exchange, "");
    channel().queueDelete(first);
    assertThat(exchangeExists(exchange)).isTrue();
    channel().queueDelete(second);
    assertThat(exchangeExists(exchange)).isFalse();
  }

  @Test
  @Behaviour(63)
  void itGoesWithTheExclusiveQueuesOfAConnection() throws Exception {
    String exchange = autoDeleteExchange("fanout");
    Connection connection = newConnection();
    Channel channel = connection.createChannel();
    channel.queueBind(channel.queueDeclare().getQueue(), exchange, "");
    connection.close();
    await("the end of the exchange", () -> !exchangeExists(exchange));
    assertThat(exchangeExists(exchange)).isFalse();
  }

  @Test
  @Behaviour(63)
  void itGoesWithItsLastTargetExchange() throws Exception {
    String source = autoDeleteExchange("fanout");
    String target = exchange("fanout", Map.of());
    channel().exchangeBind(target, source, "");
    channel().exchangeDelete(target);
    assertThat(exchangeExists(source)).isFalse();
  }

  @Test
  @Behaviour(63)
  void bindingsToItDoNotKeepIt() throws Exception {
    String source = exchange("fanout", Map.of());
    String exchange = autoDeleteExchange("fanout");
    String queue = boundQueue(exchange, "");
    channel().exchangeBind(exchange, source, "");
    channel().queueUnbind(queue, exchange, "");
    assertThat(exchangeExists(exchange)).isFalse();
    assertThat(exchangeExists(source)).isTrue();
  }

  @Test
  @Behaviour(64)
  void deletionCascadesUpAChain() throws Exception {
    List<String> chain = chain(4);
    channel().exchangeDelete(chain.getLast());
    assertNoneExists(chain);
  }

  @Test
  @Behaviour(64)
  void deletionOfAQueueCascadesUpAChain() throws Exception {
    List<String> chain = chain(3);
    String queue = boundQueue(chain.getLast(), "");
    channel().queueDelete(queue);
    assertNoneExists(chain);
  }

  @Test
  @Behaviour(64)
  void aCascadeStopsAtAnExchangeThatStillHasABinding() throws Exception {
    List<String> chain = chain(3);
    String queue = boundQueue(chain.getFirst(), "");
    channel().exchangeDelete(chain.getLast());
    assertThat(exchangeExists(chain.get(1))).isFalse();
    assertThat(exchangeExists(chain.getFirst())).isTrue();
    send(chain.getFirst(), "", "still routed");
    assertThat(drain(queue)).containsExactly("still routed");
  }

  @Test
  @Behaviour(64)
  void aLoopVanishesWithOneUnbind() throws Exception {
    List<String> loop = chain(2);
    channel().exchangeBind(loop.getFirst(), loop.getLast(), "");
    channel().exchangeUnbind(loop.getFirst(), loop.getLast(), "");
    assertNoneExists(loop);
  }

  @Test
  @Behaviour(64)
  void aLongerLoopVanishesWithOneUnbind() throws Exception {
    List<String> loop = chain(3);
    channel().exchangeBind(loop.getFirst(), loop.getLast(), "");
    channel().exchangeUnbind(loop.getFirst(), loop.getLast(), "");
    assertNoneExists(loop);
  }

  /** Auto-delete exchanges, each bound to its predecessor. */
  private List<String> chain(int length) throws Exception {
    var names = new ArrayList<String>();
    for (int i = 0; i < length; i++) {
      names.add(autoDeleteExchange("fanout"));
      if (i > 0) {
        channel().exchangeBind(names.get(i), names.get(i - 1), "");
      }
    }
    return names;
  }

  private void assertNoneExists(List<String> names) throws Exception {
    for (String name : names) {
      assertThat(exchangeExists(name)).as("exchange %s of %s", name, names).isFalse();
    }
  }
}
