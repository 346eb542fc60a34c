package org.warrenmq.broker.auth;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A user of this node's own, with all that is known of him. Immutable.
 *
 * @param tags what the user may do beside messaging, in the order given
 * @param permissions by the name of the virtual host
 */
public record Account(
    String name,
    PasswordHash password,
    List<String> tags,
    Limits limits,
    Map<String, Permissions> permissions) {

  public Account {
    tags = List.copyOf(tags);
    permissions = Map.copyOf(permissions);
  }

  public Permissions in(String vhost) {
    return permissions.getOrDefault(vhost, Permissions.NONE);
  }

  /** The same user with other permissions in a virtual host. */
  public Account with(String vhost, UnaryOperator<Permissions> change) {
    Map<String, Permissions> changed = new HashMap<>(permissions);
    Permissions there = change.apply(in(vhost));
    if (there.mayOpen() || !there.topics().isEmpty()) {
      changed.put(vhost, there);
    } else {
      changed.remove(vhost);
    }
    return new Account(name, password, tags, limits, changed);
  }

  /** As whom clients of the user are logged in. */
  User asUser() {
    return new User(name, tags);
  }
}
