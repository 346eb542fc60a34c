package org.warrenmq.admin.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.warrenmq.admin.node.Caller;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.codec.Properties;

/** Bodies, arguments and properties as JSON. */
class JsonTest {
  private static Request request(String body) {
    return new Request(
        "PUT", Caller.local(), Map.of(), Map.of(), _ -> null, Map.of(), Buffer.buffer(body));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "undefined", "{}", "  "})
  @DisplayName("no body is an empty one")
  void empty(String body) {
    assertThat(request(body).body()).isEqualTo(new JsonObject());
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "[]", "7", "x"})
  @DisplayName("what is no object is a bad request")
  void notJson(String body) {
    assertThatThrownBy(() -> request(body).body())
        .isInstanceOfSatisfying(ApiError.class, e -> assertThat(e.reason()).isEqualTo("not_json"));
  }

  @Test
  @DisplayName("what is missing is named; what is encoded twice, too")
  void missing() {
    assertThatThrownBy(() -> request("{\"b\":1}").body("a", "b", "c"))
        .hasMessageContaining("[{key_missing,a},{key_missing,c}]");
    assertThatThrownBy(() -> request("\"{}\"").body()).hasMessageContaining("doubly-JSON-encoded");
  }

  @Test
  @DisplayName("a body with too many values is refused before it is read")
  void manyValues() {
    int most = (int) (Runtime.getRuntime().maxMemory() / 512);
    String body = "{\"a\":[" + "[],".repeat(most / 2) + "[]]}";
    assertThatThrownBy(() -> request(body).body()).hasMessageContaining("more than");
  }

  @Test
  @DisplayName("arguments keep their types as far as JSON has them")
  void arguments() {
    JsonObject json =
        new JsonObject()
            .put("text", "ä")
            .put("whole", 7)
            .put("large", 1L << 40)
            .put("part", 0.5)
            .put("flag", true)
            .put("list", new JsonArray().add(1).add("x"))
            .put("table", new JsonObject().put("k", 1));
    FieldTable table = ArgumentsJson.toTable(json);
    assertThat(table.get("whole")).isEqualTo(FieldValue.of(7L));
    assertThat(table.get("part")).isEqualTo(new FieldValue.Float64(0.5));
    assertThat(ArgumentsJson.of(table).encode()).isEqualTo(json.encode());
  }

  @Test
  @DisplayName("every type of AMQP has a form, however deep it lies")
  void everyType() {
    FieldValue deep = FieldValue.of("end");
    for (int i = 0; i < 50_000; i++) {
      deep = new FieldValue.ArrayValue(List.of(deep));
    }
    FieldTable table =
        FieldTable.builder()
            .put("time", new FieldValue.Timestamp(9))
            .put("decimal", new FieldValue.Decimal(2, 150))
            .put("octets", new FieldValue.Bytes(new byte[] {65}))
            .put("nothing", FieldValue.VoidValue.INSTANCE)
            .put("endless", new FieldValue.Float64(Double.NaN))
            .put("deep", deep)
            .build();
    assertThat(ArgumentsJson.of(table).encode())
        .startsWith(
            "{\"time\":9,\"decimal\":1.5,\"octets\":\"A\",\"nothing\":null,\"endless\":\"NaN\",\"deep\":[[");
  }

  @Test
  @DisplayName("arrays may lie in each other as deep as the parser lets them, on small stacks")
  void deepArrays() throws Exception {
    AtomicReference<Object> outcome = new AtomicReference<>();
    String text = "[".repeat(990) + "]".repeat(990);
    Runnable read =
        () -> {
          try {
            outcome.set(ArgumentsJson.toValue(Json.decodeValue(text)));
          } catch (StackOverflowError e) {
            outcome.set(e);
          }
        };
    Thread thread = new Thread(null, read, "small-stack", 512 * 1024);
    thread.start();
    thread.join();
    assertThat(outcome.get()).isInstanceOf(FieldValue.ArrayValue.class);
  }

  @Test
  @DisplayName("an empty array is no arguments, as PHP writes it; a null is refused")
  void emptyArray() {
    assertThat(ArgumentsJson.toTable(new JsonArray())).isEqualTo(FieldTable.EMPTY);
    assertThat(ArgumentsJson.toTable(null)).isEqualTo(FieldTable.EMPTY);
    assertThatThrownBy(() -> ArgumentsJson.toTable(new JsonObject().putNull("x")))
        .isInstanceOf(ApiError.class);
    assertThatThrownBy(() -> ArgumentsJson.toTable("x")).isInstanceOf(ApiError.class);
  }

  @Test
  @DisplayName("properties go there and back")
  void properties() {
    JsonObject json =
        new JsonObject()
            .put("type", "t")
            .put("timestamp", 12)
            .put("priority", 3)
            .put("delivery_mode", 2)
            .put("headers", new JsonObject().put("h", 1));
    Properties properties = PropertiesJson.toProperties(json);
    assertThat(PropertiesJson.of(Properties.decode(properties.encode()))).isEqualTo(json);
    assertThat(PropertiesJson.toProperties(new JsonArray())).isEqualTo(Properties.NONE);
    for (JsonObject wrong :
        List.of(
            new JsonObject().put("priority", 256),
            new JsonObject().put("priority", "x"),
            new JsonObject().put("type", "x".repeat(256)),
            new JsonObject().put("type", new JsonObject()))) {
      assertThatThrownBy(() -> PropertiesJson.toProperties(wrong)).isInstanceOf(ApiError.class);
    }
  }
}
