package org.warrenmq.broker.auth.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.warrenmq.broker.auth.Operation;

/** What the patterns of scopes match, and which scopes are none. */
class WildcardTest {
  @ParameterizedTest
  @CsvSource({
    "a, a, true",
    "a, ab, false",
    "a, '', false",
    "'', '', true",
    "*, '', true",
    "*, anything, true",
    "a*, a, true",
    "a*, abc, true",
    "a*, ba, false",
    "*a, ba, true",
    "*a, ab, false",
    "a*b, ab, true",
    "a*b, axxb, true",
    "a*b, aba, false",
    "a*a, a, false",
    "*a*b*, xaxbx, true",
    "*a*b*, xbxax, false",
    "**, x, true",
    "%2F, /, true",
    "%2Fx*, /xy, true",
    "%2A, *, true",
    "%2A, x, false",
    "a*b*c, abbc, true",
    "a*bc, abcbc, true",
  })
  @DisplayName("stars are anything, the rest is itself, percent-encoded")
  void patterns(String pattern, String subject, boolean matches) {
    assertThat(Wildcard.of(pattern).matches(subject)).isEqualTo(matches);
  }

  @Test
  @DisplayName("what is no scope of ours allows nothing")
  void others() {
    for (String text :
        new String[] {"", "read", "read:", "read:a", "delete:a/b", "read:a/b/c/d", "read:%zz/b"}) {
      assertThat(Scope.read(text)).as(text).isNull();
    }
    Scope plain = Scope.read("read:*/a");
    assertThat(plain).isNotNull();
    assertThat(plain.covers(Operation.READ, "a")).isTrue();
    assertThat(plain.covers(Operation.WRITE, "a")).isFalse();
    assertThat(plain.coversTopic(Operation.READ, "a", "key")).as("it names no keys").isFalse();
    Scope keyed = Scope.read("write:*/a/k.*");
    assertThat(keyed).isNotNull();
    assertThat(keyed.coversTopic(Operation.WRITE, "a", "k.1")).isTrue();
    assertThat(keyed.coversTopic(Operation.WRITE, "a", "j.1")).isFalse();
  }
}
