package org.warrenmq.broker.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.warrenmq.broker.topology.PolicySpec.Kind;
import org.warrenmq.broker.topology.TopologyCommand.ClearPolicy;
import org.warrenmq.broker.topology.TopologyCommand.CreateVhost;
import org.warrenmq.broker.topology.TopologyCommand.DeclareQueue;
import org.warrenmq.broker.topology.TopologyCommand.DeleteVhost;
import org.warrenmq.broker.topology.TopologyCommand.SetPolicy;
import org.warrenmq.broker.topology.TopologyReply.Done;
import org.warrenmq.broker.topology.TopologyReply.QueueDeclared;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.engine.loop.NodeMemory;

/** Policies over many queues, while these come and policies change. */
class PolicySweepTest {
  private static final int MANY = 3_000;
  private static final long SECONDS = 10;

  private final NodeMemory memory = new NodeMemory(1 << 30);
  private final RunningTopology topology = new RunningTopology(memory);
  private final ConnectionId client = new ConnectionId(0, 1);

  @AfterEach
  void stop() {
    topology.close();
  }

  private CompletableFuture<TopologyReply> declare(String vhost, String name) {
    QueueSpec spec = new QueueSpec(name, false, false, false, FieldTable.EMPTY);
    return topology.ask(new DeclareQueue(vhost, spec, client));
  }

  private CompletableFuture<TopologyReply> set(String vhost, String name, long limit) {
    FieldTable definition = FieldTable.of("max-length", FieldValue.of(limit));
    FieldValue priority = PolicySpec.USUAL_PRIORITY;
    return topology.ask(
        new SetPolicy(
            new PolicySpec(Kind.POLICY, vhost, name, "^q", "queues", priority, definition)));
  }

  private static <T> T done(CompletableFuture<T> answer) throws Exception {
    return answer.get(SECONDS, TimeUnit.SECONDS);
  }

  private void declareMany(String vhost) throws Exception {
    List<CompletableFuture<TopologyReply>> answers = new ArrayList<>();
    for (int i = 0; i < MANY; i++) {
      answers.add(declare(vhost, "q" + i));
    }
    for (CompletableFuture<TopologyReply> answer : answers) {
      assertThat(done(answer)).isInstanceOf(QueueDeclared.class);
    }
  }

  @Test
  @DisplayName("other commands come in between, and when a change is answered all go by it")
  void inBetween() throws Exception {
    declareMany("/");
    CompletableFuture<TopologyReply> set = set("/", "p", 5);
    List<CompletableFuture<TopologyReply>> declared = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      declared.add(declare("/", "q.late." + i));
    }
    for (CompletableFuture<TopologyReply> answer : declared) {
      done(answer);
    }
    assertThat(set).as("not answered before those that came after it").isNotDone();
    CompletableFuture<TopologyReply> changed = set("/", "p", 6);
    assertThat(done(set)).isInstanceOf(Done.class);
    assertThat(done(changed)).isInstanceOf(Done.class);
    FieldValue six = FieldValue.of(6L);
    for (QueueEntry queue : topology.vhost().queues()) {
      assertThat(queue.policies().definition().get("max-length")).isEqualTo(six);
    }
    AppliedPolicies one = topology.vhost().queues().iterator().next().policies();
    assertThat(topology.vhost().queues()).allMatch(queue -> queue.policies() == one);
    done(topology.ask(new ClearPolicy(Kind.POLICY, "/", "p")));
    assertThat(topology.vhost().queues())
        .hasSize(MANY + 20)
        .allMatch(queue -> queue.policies() == AppliedPolicies.NONE);
  }

  @Test
  @DisplayName("many changes at once share their way, and each is answered")
  void together() throws Exception {
    declareMany("/");
    List<CompletableFuture<TopologyReply>> answers = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      answers.add(set("/", "p" + i % 7, i));
    }
    for (CompletableFuture<TopologyReply> answer : answers) {
      assertThat(done(answer)).isInstanceOf(Done.class);
    }
    for (QueueEntry queue : topology.vhost().queues()) {
      assertThat(queue.policies().definition().get("max-length"))
          .isEqualTo(FieldValue.of((long) (200 - 200 % 7)));
    }
  }

  @Test
  @DisplayName("a virtual host that goes amid a change answers for both")
  void vhostGoes() throws Exception {
    done(topology.ask(new CreateVhost("v")));
    long before = memory.used();
    declareMany("v");
    CompletableFuture<TopologyReply> set = set("v", "p", 5);
    CompletableFuture<TopologyReply> deleted = topology.ask(new DeleteVhost("v"));
    assertThat(done(set)).isInstanceOf(Done.class);
    assertThat(done(deleted)).isInstanceOf(Done.class);
    assertThat(memory.used()).isLessThan(before + (128 << 10));
    done(topology.ask(new CreateVhost("v")));
    done(declare("v", "q"));
  }
}
