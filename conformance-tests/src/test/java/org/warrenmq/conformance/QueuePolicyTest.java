package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.GetResponse;
import java.util.Map;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What policies do to queues that are there, and what is left when they are gone. */
class QueuePolicyTest extends PolicyTest {

  @Test
  @Behaviour({117, 171})
  void aLimitDropsAtOnceAndGoesAtOnce() throws Exception {
    String queue = queue();
    fill(queue, 5);
    String policy = policy(queue, "{\"max-length\": 2}");
    awaitReady(queue, 2);
    send("", queue, "6");
    assertThat(drain(queue)).containsExactly("5", "6");
    set(policy, queue, "{\"max-length\": 3}");
    awaitRoomFor(queue, 3);
    clear(policy);
    await(
        "no limit",
        () -> {
          channel().queuePurge(queue);
          fill(queue, 5);
          return ready(queue) == 5;
        });
  }

  @Test
  @Behaviour({118, 171})
  void aLimitOfOctetsToo() throws Exception {
    String queue = queue();
    send("", queue, "four", "also", "last");
    policy(queue, "{\"max-length-bytes\": 9}");
    awaitReady(queue, 2);
    assertThat(drain(queue)).containsExactly("also", "last");
  }

  @Test
  @Behaviour(171)
  void whatDropsBecomesDeadLetters() throws Exception {
    String dead = queue();
    String queue = queue();
    fill(queue, 4);
    policy(
        queue,
        "{\"max-length\": 1, \"dead-letter-exchange\": \"\", \"dead-letter-routing-key\": \"%s\"}"
            .formatted(dead));
    awaitReady(dead, 3);
    assertThat(drain(dead)).containsExactlyInAnyOrder("1", "2", "3");
    assertThat(drain(queue)).containsExactly("4");
  }

  @Test
  @Behaviour(171)
  void messagesThatComeHaveATimeAndThoseThatCameKeepTheirs() throws Exception {
    String queue = queue();
    send("", queue, "before");
    String policy = policy(queue, "{\"message-ttl\": 100}");
    assertThat(take(queue)).isEqualTo("before");
    await(
        "a time to live",
        () -> {
          send("", queue, "short");
          letPass(150);
          return ready(queue) == 0;
        });
    clear(policy);
    await(
        "no time to live",
        () -> {
          channel().queuePurge(queue);
          send("", queue, "long");
          letPass(150);
          return ready(queue) == 1;
        });
  }

  @Test
  @Behaviour(171)
  void whatNobodyUsesGoes() throws Exception {
    String queue = queue();
    // RabbitMQ's passive declarations renew it, on ours, too: nobody asks meanwhile.
    policy(queue, "{\"expires\": 100}");
    letPass(1000);
    assertThat(queueExists(queue)).isFalse();
  }

  @Test
  @Behaviour(171)
  void whatStaysWhenThatIsCleared() throws Exception {
    String queue = queue();
    String policy = policy(queue, "{\"expires\": 5000}");
    clear(policy);
    policy(queue, "{\"max-length\": 1}");
    awaitRoomFor(queue, 1);
    assertThat(queueExists(queue)).isTrue();
  }

  @Test
  @Behaviour(171)
  void deadLettersGoWhereThePolicySaysUnlessTheArgumentDoes() throws Exception {
    String byPolicy = queue();
    String byArgument = queue();
    String plain = queue();
    String own =
        queue(Map.of("x-dead-letter-exchange", "", "x-dead-letter-routing-key", byArgument));
    for (String queue : new String[] {plain, own}) {
      policy(
          queue,
          "{\"dead-letter-exchange\": \"\", \"dead-letter-routing-key\": \"%s\"}"
              .formatted(byPolicy));
    }
    await(
        "dead letters",
        () -> {
          reject(plain);
          return ready(byPolicy) > 0;
        });
    reject(own);
    awaitReady(byArgument, 1);
  }

  private void reject(String queue) throws Exception {
    send("", queue, "m");
    Channel channel = channel();
    channel.basicReject(tag(hold(channel, queue)), false);
    // An answer that comes after what that did.
    channel.queuePurge(queue);
  }

  @Test
  @Behaviour(171)
  @DisplayName("the smaller number counts, be it the argument's, the policy's or the operator's")
  void theSmallestNumberCounts() throws Exception {
    String queue = queue(Map.of("x-max-length", 3));
    String policy = policy(queue, "{\"max-length\": 2}");
    awaitRoomFor(queue, 2);
    String operator = operatorPolicy(queue, "{\"max-length\": 1}");
    awaitRoomFor(queue, 1);
    clear(policy);
    awaitRoomFor(queue, 1);
    clearOperator(operator);
    awaitRoomFor(queue, 3);
    policy(queue, "{\"max-length\": 10}");
    awaitRoomFor(queue, 3);
  }

  @Test
  void aFullQueueRefusesAsThePolicySays() throws Exception {
    String queue = queue(Map.of("x-max-length", 1));
    String policy = policy(queue, "{\"overflow\": \"reject-publish\"}");
    Verdicts verdicts = Verdicts.of(newChannel());
    await(
        "a refusal",
        () -> {
          channel().queuePurge(queue);
          verdicts.takes("", queue, "1");
          return !verdicts.takes("", queue, "2");
        });
    assertThat(drain(queue)).containsExactly("1");
    clear(policy);
    await(
        "no refusal",
        () -> {
          verdicts.takes("", queue, "1");
          return verdicts.takes("", queue, "2");
        });
    assertThat(drain(queue)).containsExactly("2");
  }

  @Test
  void theHighestPriorityHolds() throws Exception {
    String queue = queue();
    policy(queue, "{\"max-length\": 1}", "--priority", "1");
    String high = policy(queue, "{\"max-length\": 3}", "--priority", "2");
    policy(queue, "{\"max-length\": 5}");
    awaitRoomFor(queue, 3);
    clear(high);
    awaitRoomFor(queue, 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"exchanges", "quorum_queues", "streams"})
  void whatIsForOthersDoesNothing(String others) throws Exception {
    String queue = queue();
    policy(queue, "{\"max-length\": 1}", "--priority", "9", "--apply-to", others);
    policy(queue, "{\"max-length\": 2}", "--apply-to", "classic_queues");
    awaitRoomFor(queue, 2);
  }

  @Test
  @DisplayName("a queue that does not know all a policy says is not for it")
  void onlyForThoseThatKnowAll() throws Exception {
    String queue = queue();
    policy(
        queue,
        "{\"max-length\": 1, \"dead-letter-strategy\": \"at-most-once\"}",
        "--priority",
        "9");
    policy(queue, "{\"max-length\": 2}");
    awaitRoomFor(queue, 2);
  }

  @Test
  void whatIsDeclaredLaterGoesByItFromTheStart() throws Exception {
    String queue = queueName();
    policy(queue, "{\"max-length\": 2}");
    channel().queueDeclare(queue, false, false, false, Map.of());
    fill(queue, 4);
    assertThat(drain(queue)).containsExactly("3", "4");
  }

  @Test
  void aQuorumQueueReturnsAMessageSoOften() throws Exception {
    String queue = durableQueue(Map.of("x-queue-type", "quorum"));
    policy(queue, "{\"delivery-limit\": 1}", "--apply-to", "quorum_queues");
    await(
        "a limit",
        () -> {
          channel().queuePurge(queue);
          send("", queue, "m");
          int deliveries = 0;
          Channel channel = newChannel();
          for (GetResponse got; (got = channel.basicGet(queue, false)) != null; ) {
            deliveries++;
            if (deliveries == 5) {
              channel.basicAck(tag(got), false);
            } else {
              channel.basicReject(tag(got), true);
            }
          }
          channel.close();
          return deliveries == 2;
        });
  }

  @Test
  void aClassicQueueToo() throws Exception {
    assumeFalse(BrokerUnderTest.isForeign(), "RabbitMQ's classic queues know no such limit");
    String queue = queue();
    policy(queue, "{\"delivery-limit\": 1}");
    send("", queue, "m");
    Channel channel = channel();
    channel.basicReject(tag(hold(channel, queue)), true);
    channel.basicReject(tag(hold(channel, queue)), true);
    assertThat(contents(channel, queue)).isEmpty();
  }

  @Test
  void aConsumerHasAsMuchTimeAsThePolicySays() throws Exception {
    assumeFalse(BrokerUnderTest.isForeign(), "RabbitMQ looks once a minute");
    String queue = queue(Map.of("x-consumer-timeout", 8000));
    fill(queue, 1);
    Inbox slow = Inbox.consumeAs(newChannel(), queue, "slow");
    slow.nextTag();
    policy(queue, "{\"consumer-timeout\": 300}");
    assertThat(slow.cancelledByServer()).isEqualTo("slow");
    awaitReady(queue, 1);
  }

  @Test
  void messagesThatComeBackWaitAsThePolicySays() throws Exception {
    assumeFalse(BrokerUnderTest.isForeign(), "RabbitMQ 4.0 knows no delayed retry");
    String queue = queue();
    String policy =
        policy(queue, "{\"delayed-retry-type\": \"all\", \"delayed-retry-min\": 60000}");
    send("", queue, "m");
    Channel channel = channel();
    channel.basicReject(tag(hold(channel, queue)), true);
    assertThat(contents(channel, queue)).isEmpty();
    clear(policy);
    awaitReady(queue, 1);
  }
}
