package org.warrenmq.admin.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.warrenmq.admin.http.RouteTable.Match;

class RouteTableTest {
  private static final Endpoint NOTHING = request -> Reply.done();

  private final RouteTable table =
      new RouteTable(
          List.of(
              Route.get("/queues", Authority.MANAGEMENT, NOTHING),
              Route.get("/queues/{vhost}", Authority.VHOST, NOTHING),
              Route.get("/queues/detailed", Authority.MANAGEMENT, NOTHING),
              Route.get("/queues/{vhost}/{queue}", Authority.VHOST, NOTHING),
              Route.put("/queues/{vhost}/{queue}", Authority.VHOST, NOTHING),
              Route.delete("/queues/{vhost}/{queue}/contents", Authority.VHOST, NOTHING)));

  private Match.Found found(String path) {
    return (Match.Found) table.find("GET", path);
  }

  @ParameterizedTest
  @CsvSource({
    "/queues, /queues",
    "/queues/, /queues",
    "/queues/detailed, /queues/detailed",
    "/queues/other, /queues/{vhost}",
    "/queues/%2F/q, /queues/{vhost}/{queue}",
    "/queues/%2F/q/, /queues/{vhost}/{queue}"
  })
  @DisplayName("what is written out goes before what stands for anything; a slash more is as good")
  void finds(String path, String route) {
    assertThat(found(path).route().path()).isEqualTo(route);
  }

  @Test
  @DisplayName("names are decoded once, after the path was split: they may have slashes in them")
  void decodes() {
    assertThat(found("/queues/%2F/a%2Fb").values()).isEqualTo(Map.of("vhost", "/", "queue", "a/b"));
    assertThat(found("/queues/v/a%252Fb+%C3%A4%20c").values()).containsEntry("queue", "a%2Fb+ä c");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/queues/v/%", "/queues/v/%2", "/queues/v/%zz"})
  @DisplayName("a path that is not well-formed is a bad request")
  void malformed(String path) {
    assertThatThrownBy(() -> table.find("GET", path)).isInstanceOf(ApiError.class);
  }

  @Test
  @DisplayName("HEAD goes with GET; for another method there is a list of those there are")
  void methods() {
    assertThat(table.find("HEAD", "/queues")).isInstanceOf(Match.Found.class);
    assertThat(table.find("POST", "/queues/v/q"))
        .isEqualTo(new Match.OtherMethods(Set.of("GET", "HEAD", "PUT", "OPTIONS")));
    assertThat(table.find("GET", "/nothing")).isEqualTo(new Match.Nothing());
    assertThat(table.find("GET", "/")).isEqualTo(new Match.Nothing());
  }
}
