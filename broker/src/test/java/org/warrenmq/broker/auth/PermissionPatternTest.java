package org.warrenmq.broker.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which names a permission covers. */
class PermissionPatternTest {
  private static boolean covers(String regex, String name) {
    return PermissionPattern.of(regex).covers(name);
  }

  @Test
  @DisplayName("found anywhere in the name; nothing covers the empty name alone")
  void unanchored() {
    assertThat(covers("b", "abc")).isTrue();
    assertThat(covers("^b", "abc")).isFalse();
    assertThat(covers("", "abc")).isFalse();
    assertThat(covers("", "")).isTrue();
    assertThat(covers(".*", "")).isTrue();
    assertThat(covers("^(?!amq\\.)", "amq.topic")).isFalse();
    assertThat(covers("^a.c$", "a\rc")).isTrue();
    assertThat(covers("^a.c$", "a\nc")).isFalse();
  }

  @Test
  @DisplayName("what only Java, or only Perl, reads another way means what it means to Perl")
  void perl() {
    assertThat(covers("^{client_id}$", "{client_id}")).isTrue();
    assertThat(covers("^a{2}$", "aa")).isTrue();
    assertThat(covers("^a{2,}$", "aaa")).isTrue();
    assertThat(covers("^a{,2}$", "a{,2}")).isTrue();
    assertThat(covers("^a\\{2}$", "a{2}")).isTrue();
    assertThat(covers("^\\x{61}\\p{L}$", "ab")).isTrue();
    assertThat(covers("^[[:alpha:]_]+$", "ab_")).isTrue();
    assertThat(covers("^[[:^digit:]]+$", "ab1")).isFalse();
    assertThat(covers("^[a[b]+$", "a[b")).isTrue();
    assertThat(covers("^[a-z&&[b]]$", "&]")).isTrue();
    assertThat(covers("^[]a]+$", "]a")).isTrue();
    assertThat(covers("^[^]a]$", "b")).isTrue();
    assertThat(covers("^[\\]x]+$", "x]")).isTrue();
  }

  @Test
  @DisplayName("what is no regular expression is refused")
  void invalid() {
    for (String regex : new String[] {"(", "[a", "*", "a{2}{", "\\"}) {
      if (regex.equals("a{2}{")) {
        assertThat(covers(regex, "aa{")).isTrue();
      } else {
        assertThatThrownBy(() -> PermissionPattern.of(regex))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageStartingWith("regular expression '" + regex + "' is invalid");
      }
    }
  }

  @Test
  @Timeout(60)
  @DisplayName("a pattern that takes for ever covers nothing, soon")
  void endless() {
    long begin = System.nanoTime();
    assertThat(covers("^(a+)+$", "a".repeat(254) + "b")).isFalse();
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
    assertThat(covers("^(a|b)*$", "ab".repeat(127))).isTrue();
  }
}
