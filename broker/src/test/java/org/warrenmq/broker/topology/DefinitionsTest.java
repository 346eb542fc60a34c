package org.warrenmq.broker.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.warrenmq.broker.auth.Limits;
import org.warrenmq.broker.auth.PasswordHash;
import org.warrenmq.broker.topology.TopologyChange.BindingAdded;
import org.warrenmq.broker.topology.TopologyChange.ExchangeAdded;
import org.warrenmq.broker.topology.TopologyChange.PermissionsSet;
import org.warrenmq.broker.topology.TopologyChange.QueueAdded;
import org.warrenmq.broker.topology.TopologyChange.TopicPermissionsSet;
import org.warrenmq.broker.topology.TopologyChange.UserSet;
import org.warrenmq.broker.topology.TopologyChange.VhostAdded;
import org.warrenmq.broker.topology.TopologyChange.VhostDescribed;
import org.warrenmq.broker.topology.TopologyChange.VhostLimitsSet;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.router.ExchangeSpec;
import org.warrenmq.store.StoreException;

/** Definitions as bytes, and under which keys they are found again. */
class DefinitionsTest {
  private static final String NAME = "ä \u0001";

  private static ExchangeSpec exchange(FieldTable arguments) {
    return new ExchangeSpec("/", NAME, "headers", true, true, true, arguments);
  }

  private static BindingSpec binding(FieldTable arguments) {
    return new BindingSpec("source", "target", false, "key", arguments);
  }

  private static FieldTable table(String first, String second) {
    return FieldTable.EMPTY.with(first, FieldValue.of(1)).with(second, FieldValue.of(1));
  }

  private static FieldTable nested(FieldTable inner) {
    return FieldTable.EMPTY
        .with("table", FieldValue.of(inner))
        .with("array", FieldValue.ArrayValue.of(FieldValue.of(inner), FieldValue.of("x")));
  }

  @Test
  @DisplayName("bindings that are equal have one key, however their arguments are ordered")
  void equalBindingsHaveOneKey() {
    BindingSpec bound = binding(nested(table("a", "b")));
    BindingSpec unbound = binding(nested(table("b", "a")));
    assertThat(unbound).isEqualTo(bound);
    assertThat(BindingDefinition.key("/", unbound)).isEqualTo(BindingDefinition.key("/", bound));
  }

  @Test
  @DisplayName("bindings that differ have keys that differ")
  void differentBindingsHaveDifferentKeys() {
    assertThat(BindingDefinition.key("/", binding(nested(table("a", "b")))))
        .isNotEqualTo(BindingDefinition.key("/", binding(nested(table("a", "c")))))
        .isNotEqualTo(BindingDefinition.key("/", binding(FieldTable.EMPTY)))
        .isNotEqualTo(BindingDefinition.key("other", binding(nested(table("a", "b")))));
  }

  @Test
  @DisplayName("every kind reads back as it was")
  void readBack() {
    VhostAdded vhost = new VhostAdded(NAME);
    assertThat(VhostDefinition.read(VhostDefinition.value(vhost))).isEqualTo(vhost);

    ExchangeSpec exchange = exchange(nested(table("a", "b")));
    for (ExchangeAdded added :
        List.of(
            new ExchangeAdded(exchange),
            new ExchangeAdded(exchange, new RoomIds(0, 5, 0)),
            new ExchangeAdded(exchange, new RoomIds(1, 2, 3)))) {
      assertThat(ExchangeDefinition.read(ExchangeDefinition.value(added))).isEqualTo(added);
    }

    QueueSpec spec = new QueueSpec(NAME, true, false, true, nested(table("b", "a")));
    QueueAdded queue = new QueueAdded(7, "/", spec, 1, null);
    assertThat(QueueDefinition.read(QueueDefinition.value(queue), 2)).isEqualTo(queue);

    VhostLimitsSet limits = new VhostLimitsSet(NAME, new Limits(0, -1, 7));
    assertThat(VhostLimitsDefinition.read(VhostLimitsDefinition.value(limits))).isEqualTo(limits);

    for (VhostTraits traits :
        List.of(
            new VhostTraits("d".repeat(300), List.of("b", "a"), "quorum", true),
            new VhostTraits("", List.of(), null, false))) {
      VhostDescribed described = new VhostDescribed(NAME, traits);
      assertThat(VhostTraitsDefinition.read(VhostTraitsDefinition.value(described)))
          .isEqualTo(described);
    }

    UserSet user = new UserSet(NAME, PasswordHash.of("p"), List.of("b", "a"), new Limits(1, 2, -1));
    assertThat(UserDefinition.read(UserDefinition.value(user))).isEqualTo(user);

    PermissionsSet permissions = new PermissionsSet(NAME, "/", "", "w".repeat(300), "ö");
    assertThat(PermissionDefinition.read(PermissionDefinition.value(permissions)))
        .isEqualTo(permissions);

    TopicPermissionsSet topics = new TopicPermissionsSet(NAME, "/", "x", "{username}", "");
    assertThat(TopicPermissionDefinition.read(TopicPermissionDefinition.value(topics)))
        .isEqualTo(topics);

    BindingAdded binding = new BindingAdded("/", binding(nested(table("b", "a"))), true);
    assertThat(BindingDefinition.read(BindingDefinition.value(binding))).isEqualTo(binding);
  }

  @Test
  @DisplayName("policies and parameters read back, however long their names")
  void settingsReadBack() {
    String longName = NAME.repeat(200);
    for (PolicySpec.Kind kind : PolicySpec.Kind.values()) {
      TopologyChange.PolicySet policy =
          new TopologyChange.PolicySet(
              new PolicySpec(
                  kind,
                  NAME,
                  longName,
                  longName,
                  "all",
                  new FieldValue.Float64(1.5),
                  nested(table("a", "b"))));
      assertThat(PolicyDefinition.read(PolicyDefinition.value(policy))).isEqualTo(policy);
      assertThat(PolicyDefinition.key(kind, "a", "bc"))
          .isNotEqualTo(PolicyDefinition.key(kind, "ab", "c"));
    }
    assertThat(PolicyDefinition.key(PolicySpec.Kind.POLICY, "/", "p"))
        .isNotEqualTo(PolicyDefinition.key(PolicySpec.Kind.OPERATOR, "/", "p"));
    TopologyChange.ParameterSet parameter =
        new TopologyChange.ParameterSet(
            new Parameter(NAME, "shovel", longName, FieldValue.of(nested(table("a", "b")))));
    assertThat(ParameterDefinition.read(ParameterDefinition.value(parameter))).isEqualTo(parameter);
    TopologyChange.GlobalParameterSet global =
        new TopologyChange.GlobalParameterSet(longName, FieldValue.of("x".repeat(1000)));
    assertThat(GlobalParameterDefinition.read(GlobalParameterDefinition.value(global)))
        .isEqualTo(global);
  }

  @Test
  @DisplayName("a record of another version is refused by number")
  void unknownVersion() {
    byte[] value = ExchangeDefinition.value(new ExchangeAdded(exchange(FieldTable.EMPTY)));
    value[0] = 9;
    assertThatThrownBy(() -> ExchangeDefinition.read(value))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("format version 9");
  }
}
