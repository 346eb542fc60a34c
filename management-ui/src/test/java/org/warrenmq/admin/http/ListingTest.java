package org.warrenmq.admin.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListingTest {
  private static final List<JsonObject> THREE =
      List.of(
          new JsonObject("{'name':'b','n':{'rate':2.5},'x':1}".replace('\'', '"')),
          new JsonObject("{'name':'A','n':{'rate':10},'x':2}".replace('\'', '"')),
          new JsonObject("{'name':'c','x':3,'list':[{'k':1,'l':2}]}".replace('\'', '"')));

  /** As it goes out. */
  private static Object ask(List<JsonObject> all, String query) {
    Map<String, String> parameters = new HashMap<>();
    for (String parameter : query.isEmpty() ? new String[0] : query.split("&")) {
      parameters.put(parameter.split("=")[0], parameter.split("=")[1]);
    }
    Listing<JsonObject> listing =
        Listing.of(
            new Reply.Items<>(all, object -> object),
            parameters,
            regex -> Pattern.compile(regex).asPredicate());
    StringBuilder text = new StringBuilder(listing.head());
    for (int i = 0; i < listing.size(); i++) {
      text.append(i == 0 ? "" : ",").append(listing.get(i).encode());
    }
    return Json.decodeValue(text.append(listing.tail()).toString());
  }

  private static List<Object> names(Object answer) {
    JsonArray items =
        answer instanceof JsonObject page ? page.getJsonArray("items") : (JsonArray) answer;
    return items.stream().map(item -> ((JsonObject) item).getValue("name")).toList();
  }

  @ParameterizedTest
  @CsvSource({
    "'', b A c",
    "sort=name, A b c",
    "sort=name&sort_reverse=true, c b A",
    "sort=n.rate, c b A",
    "sort=x&sort_reverse=true, c A b",
    "sort=nothing.there, b A c"
  })
  @DisplayName("sorts by a dotted path; what is missing counts as 0")
  void sorts(String query, String expected) {
    assertThat(names(ask(THREE, query))).isEqualTo(List.of(expected.split(" ")));
  }

  @Test
  @DisplayName("shows the columns that are asked for, also inside of others")
  void columns() {
    assertThat(ask(THREE, "columns=name,n.rate,list.k,nothing").toString())
        .isEqualTo(
            "[{'name':'b','n':{'rate':2.5}},{'name':'A','n':{'rate':10}},{'name':'c','list':[{'k':1}]}]"
                .replace('\'', '"'));
  }

  @Test
  @DisplayName("a page says what it is of")
  void page() {
    List<JsonObject> many =
        IntStream.range(0, 250).mapToObj(i -> new JsonObject().put("name", "q" + i)).toList();
    JsonObject last = (JsonObject) ask(many, "page=3");
    assertThat(last.getJsonArray("items")).hasSize(50);
    assertThat(last.copy().putNull("items").encode())
        .isEqualTo(
            "{'total_count':250,'item_count':50,'filtered_count':250,'page':3,'page_size':100,'page_count':3,'items':null}"
                .replace('\'', '"'));
    assertThat(names(ask(many, "page=2&page_size=2"))).containsExactly("q2", "q3");
    assertThat(names(ask(many, "page=1&name=Q24&pagination=false"))).hasSize(11);
    assertThat(names(ask(many, "page=1&name=^Q2.$&use_regex=true"))).hasSize(10);
    assertThat(names(ask(many, "page=1&name=^Q2.$"))).isEmpty();
    assertThat(names(ask(List.of(), "page=1"))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"page=0", "page=x", "page=1&page_size=0", "page=1&page_size=501"})
  @DisplayName("a page that cannot be is a bad request")
  void invalid(String query) {
    assertThatThrownBy(() -> ask(THREE, query))
        .isInstanceOfSatisfying(
            ApiError.class, e -> assertThat(e.error()).isEqualTo("invalid_pagination_parameters"));
  }

  @Test
  @DisplayName("a page behind the last one, too")
  void tooFar() {
    assertThatThrownBy(() -> ask(THREE, "page=3&page_size=2"))
        .isInstanceOfSatisfying(
            ApiError.class, e -> assertThat(e.error()).isEqualTo("page_out_of_range"));
  }
}
