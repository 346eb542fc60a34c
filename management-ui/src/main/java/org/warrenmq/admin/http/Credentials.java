package org.warrenmq.admin.http;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * What a request says of who makes it. Immutable.
 *
 * @param name of the user; empty where a token says it
 * @param password or a token
 */
public record Credentials(String name, String password) {
  private static final String BASIC = "basic ";
  private static final String BEARER = "bearer ";

  /**
   * By the header Authorization: a name and a password, or a token.
   *
   * @throws ApiError when it says nothing of the kind
   */
  public static Credentials of(@Nullable String authorization) {
    if (authorization == null) {
      throw ApiError.notAuthenticated();
    }
    if (authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      return new Credentials("", authorization.substring(BEARER.length()).strip());
    }
    if (!authorization.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
      throw ApiError.notAuthenticated();
    }
    String both;
    try {
      byte[] octets = Base64.getDecoder().decode(authorization.substring(BASIC.length()).strip());
      both = new String(octets, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw ApiError.notAuthenticated();
    }
    int colon = both.indexOf(':');
    if (colon < 0) {
      throw ApiError.notAuthenticated();
    }
    return new Credentials(both.substring(0, colon), both.substring(colon + 1));
  }

  /** Without the password: this may end up in a log. */
  @Override
  public String toString() {
    return "Credentials[" + name + "]";
  }
}
