package org.warrenmq.broker.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.router.Binding;
import org.warrenmq.router.Exchange;
import org.warrenmq.router.ExchangeSpec;
import org.warrenmq.router.ExchangeTable;
import org.warrenmq.router.ExchangeTypes;
import org.warrenmq.store.StoreException;

/** Definitions as bytes, and under which keys they are found again. */
class DefinitionRecordsTest {
  private final ExchangeTable exchanges = new ExchangeTable("/", ExchangeTypes.load());
  private final Exchange source = declare("source");
  private final Exchange target = declare("target");

  private static ExchangeSpec spec(String name, FieldTable arguments) {
    return new ExchangeSpec("/", name, "headers", true, true, true, arguments);
  }

  private Exchange declare(String name) {
    return exchanges.declare(spec(name, FieldTable.EMPTY));
  }

  private Binding binding(FieldTable arguments) {
    return new Binding(source, target, "key", arguments);
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
    Binding bound = binding(nested(table("a", "b")));
    Binding unbound = binding(nested(table("b", "a")));
    assertThat(unbound).isEqualTo(bound);
    assertThat(DefinitionRecords.key(unbound)).isEqualTo(DefinitionRecords.key(bound));
  }

  @Test
  @DisplayName("bindings that differ have keys that differ")
  void differentBindingsHaveDifferentKeys() {
    assertThat(DefinitionRecords.key(binding(nested(table("a", "b")))))
        .isNotEqualTo(DefinitionRecords.key(binding(nested(table("a", "c")))))
        .isNotEqualTo(DefinitionRecords.key(binding(FieldTable.EMPTY)));
  }

  @Test
  @DisplayName("an exchange and a binding read back as they were")
  void readBack() {
    ExchangeSpec exchange = spec("ä \u0001", nested(table("a", "b")));
    assertThat(DefinitionRecords.exchange(DefinitionRecords.value(exchange))).isEqualTo(exchange);
    FieldTable arguments = nested(table("b", "a"));
    var stored = DefinitionRecords.binding(DefinitionRecords.value(binding(arguments)));
    assertThat(stored.vhost()).isEqualTo("/");
    assertThat(stored.spec())
        .isEqualTo(new TopologyCommand.BindingSpec("source", "target", false, "key", arguments));
  }

  @Test
  @DisplayName("a record of another version is refused by number")
  void unknownVersion() {
    byte[] value = DefinitionRecords.value(spec("x", FieldTable.EMPTY));
    value[0] = 9;
    assertThatThrownBy(() -> DefinitionRecords.exchange(value))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("format version 9");
  }
}
