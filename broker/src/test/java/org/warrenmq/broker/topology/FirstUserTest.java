package org.warrenmq.broker.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.warrenmq.broker.ForgetfulStore;
import org.warrenmq.broker.auth.Account;
import org.warrenmq.broker.auth.Operation;
import org.warrenmq.broker.topology.TopologyChange.VhostAdded;
import org.warrenmq.engine.loop.NodeMemory;
import org.warrenmq.router.ExchangeTypes;
import org.warrenmq.store.Recovered;

/** Whom a start finds when no earlier run kept users. */
class FirstUserTest {
  private static Account firstUser(List<Recovered.Definition> definitions) {
    try (Topology topology =
        new Topology(ExchangeTypes.load(), new ForgetfulStore(), NodeMemory.unlimited(), false)) {
      topology.restore(new Recovered(definitions, List.of()), List.of(), "/");
      topology.beginAccounts("first", "secret");
      return Objects.requireNonNull(topology.accounts().find("first"));
    }
  }

  private static Recovered.Definition vhost(String name) {
    return new Recovered.Definition(
        VhostDefinition.key(name), VhostDefinition.value(new VhostAdded(name)));
  }

  @Test
  @DisplayName("a new folder has an administrator who may do everything")
  void newFolder() {
    Account user = firstUser(List.of());
    assertThat(user.tags()).containsExactly("administrator");
    assertThat(user.password().matches("secret")).isTrue();
    assertThat(user.permissions()).containsOnlyKeys("/");
    for (Operation operation : Operation.values()) {
      assertThat(user.in("/").allow(operation, "anything")).isTrue();
    }
  }

  @Test
  @DisplayName("in a folder of a time without users the first one may go on everywhere")
  void olderFolder() {
    Account user = firstUser(List.of(vhost("/"), vhost("tenant")));
    assertThat(user.permissions()).containsOnlyKeys("/", "tenant");
  }
}
