package org.warrenmq.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vertx.core.buffer.Buffer;
import java.util.Iterator;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.warrenmq.admin.definitions.DefinitionDocument;
import org.warrenmq.admin.definitions.DefinitionExport;
import org.warrenmq.admin.definitions.DefinitionFault;

/** Documents of definitions as text. */
class DefinitionDocumentTest {
  private static DefinitionDocument.Contents read(String text) {
    return DefinitionDocument.of(Buffer.buffer(text)).contents();
  }

  @Test
  @DisplayName("lists that nobody knows are passed over, whatever is in them")
  void unknown() {
    DefinitionDocument.Contents contents =
        read("{\"future\":[{\"a\":[1,{\"b\":2}]}],\"vhosts\":[{\"name\":\"v\"}],\"x\":{}}");
    assertThat(contents.hasVhosts()).isTrue();
    assertThat(contents.hasUsers()).isFalse();
    assertThat(read("").hasVhosts()).isFalse();
    assertThat(read("{\"users\":null}").hasUsers()).isFalse();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      value = {
        "{\"vhosts\":[{\"name\":\"a\",\"name\":\"b\"}]}; vhosts[0]: it has name twice",
        "{\"vhosts\":{}}; vhosts: it is not a list",
        "{\"vhosts\":[{\"name\":\"a\"},[]]}; vhosts[1]: it is not an object",
        "{\"vhosts\":[]} {}; there is more behind the document",
        "{\"vhosts\":[; the document is not JSON: line 1, column 12",
        "{\"vhosts\":[{\"name\":1e999}]}; vhosts[0]: name: a text is wanted",
        "true; the document is not an object"
      })
  @DisplayName("what is wrong is told with its place")
  void wrong(String text, String says) {
    assertThatThrownBy(() -> read(text))
        .isInstanceOf(DefinitionFault.class)
        .hasMessageContaining(says)
        .message()
        .doesNotContain("Source:");
  }

  @ParameterizedTest
  @ValueSource(strings = {"password\":424242", "password_hash\":424242", "password\":x424242"})
  @DisplayName("no password is told, whatever is wrong with it")
  void secrets(String password) {
    String user = "{\"name\":\"u\",\"tags\":\"\",\"" + password + "}";
    assertThatThrownBy(() -> read("{\"users\":[" + user + "]}"))
        .isInstanceOf(DefinitionFault.class)
        .message()
        .doesNotContain("424242")
        .containsAnyOf("users[0] (name 'u'): password", "not JSON: line 1, column");
  }

  @Test
  @DisplayName("neither depth nor number of values is without bounds")
  void bounds() {
    String deep = "[".repeat(100) + "]".repeat(100);
    assertThatThrownBy(() -> read("{\"queues\":[{\"arguments\":" + deep + "}]}"))
        .isInstanceOf(DefinitionFault.class)
        .hasMessageContaining("not JSON");
    String wide = "1,".repeat(200_000) + "1";
    assertThatThrownBy(() -> read("{\"queues\":[{\"arguments\":[" + wide + "]}]}"))
        .isInstanceOf(DefinitionFault.class)
        .hasMessageContaining("queues[0]", "more than 100000 values");
    assertThatThrownBy(() -> read("{\"queues\":[{\"name\":\"" + "n".repeat(256) + "\"}]}"))
        .isInstanceOf(DefinitionFault.class)
        .hasMessageContaining("queues[0]");
  }

  @Test
  @DisplayName("an export is made as it is read, and reads back")
  void export() {
    Iterator<String> pieces = new DefinitionExport(new HandNode(5000), null).pieces();
    StringBuilder text = new StringBuilder();
    int count = 0;
    while (pieces.hasNext()) {
      text.append(pieces.next());
      count++;
    }
    assertThat(count).isGreaterThan(5000);
    assertThat(read(text.toString()).hasVhosts()).isTrue();
    assertThat(text.toString()).endsWith("\"exchanges\":[],\"bindings\":[]}");
  }
}
