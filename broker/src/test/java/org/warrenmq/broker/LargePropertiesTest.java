package org.warrenmq.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.warrenmq.admin.local.LocalApi;

/** Properties of a message that is published over HTTP. */
class LargePropertiesTest {
  private static LocalApi.Answer publish(LocalApi api, int octets) throws Exception {
    JsonObject headers = new JsonObject().put("x", "y".repeat(octets));
    return api.post(
        LocalApi.path("exchanges", "/", "amq.fanout", "publish"),
        new JsonObject()
            .put("properties", new JsonObject().put("headers", headers))
            .put("routing_key", "")
            .put("payload", "")
            .put("payload_encoding", "string"));
  }

  @Test
  @DisplayName("properties that fit in no frame are refused: they would end each consumer")
  void largerThanFrames() throws Exception {
    try (TestBroker broker = TestBroker.start()) {
      LocalApi api = new LocalApi(broker.dataDir());
      assertThat(publish(api, 100_000).status()).isEqualTo(200);
      LocalApi.Answer refused = publish(api, 140_000);
      assertThat(refused.status()).isEqualTo(400);
      assertThat(refused.reason()).contains("the properties have more than");
    }
  }
}
