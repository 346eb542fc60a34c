package org.warrenmq.broker.auth.oauth;

import com.nimbusds.jwt.JWTClaimsSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.config.BackendConfig;

/** Finds the scopes of a token that are for this broker, wherever it has them. Immutable. */
record Scopes(BackendConfig.OAuth config) {
  private static final String CLAIM = "scope";

  /** Where Keycloak has those of a requesting party's token. */
  private static final String REQUESTING_PARTY = "authorization.permissions.scopes";

  /** More are of no use. */
  private static final int MOST = 2048;

  /**
   * Those of a token, without what they begin with here.
   *
   * @throws IllegalArgumentException when they are too many
   */
  List<String> of(JWTClaimsSet claims) {
    Set<String> all = new LinkedHashSet<>();
    add(all, claims.getClaim(CLAIM));
    addAt(all, claims.getClaims(), REQUESTING_PARTY);
    for (String path : config.additionalScopesKeys()) {
      addAt(all, claims.getClaims(), path);
    }
    for (String scope : List.copyOf(all)) {
      all.addAll(config.scopeAliases().getOrDefault(scope, List.of()));
    }
    List<String> ours =
        all.stream()
            .filter(scope -> scope.startsWith(config.scopePrefix()))
            .map(scope -> scope.substring(config.scopePrefix().length()))
            .toList();
    if (ours.size() > MOST) {
      throw new IllegalArgumentException("too many scopes");
    }
    return ours;
  }

  /** A text with blanks, a list, or a list for each resource server. */
  private void add(Set<String> all, @Nullable Object value) {
    switch (value) {
      case String text ->
          Arrays.stream(text.split(" ")).filter(one -> !one.isEmpty()).forEach(all::add);
      case Collection<?> list -> list.forEach(one -> add(all, one));
      case Map<?, ?> byServer -> {
        Set<String> plain = new LinkedHashSet<>();
        add(plain, byServer.get(config.resourceServerId()));
        plain.forEach(one -> all.add(config.resourceServerId() + "." + one));
      }
      case null, default -> {
        // No scope looks like that.
      }
    }
  }

  private void addAt(Set<String> all, Object claims, String path) {
    List<Object> here = List.of(claims);
    for (String name : path.split("\\.")) {
      List<Object> below = new ArrayList<>();
      for (Object one : here) {
        collect(below, one, name);
      }
      here = below;
    }
    here.forEach(value -> add(all, value));
  }

  private static void collect(List<Object> below, @Nullable Object value, String name) {
    if (value instanceof Map<?, ?> map) {
      Object there = map.get(name);
      if (there != null) {
        below.add(there);
      }
    } else if (value instanceof Collection<?> list) {
      list.forEach(one -> collect(below, one, name));
    }
  }
}
