package org.warrenmq.broker.topology;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.auth.Account;
import org.warrenmq.broker.auth.Accounts;
import org.warrenmq.broker.auth.Permissions;
import org.warrenmq.broker.auth.ResourcePermissions;
import org.warrenmq.broker.auth.TopicPermissions;
import org.warrenmq.broker.topology.TopologyChange.AccountAddition;
import org.warrenmq.broker.topology.TopologyChange.AccountDeletion;
import org.warrenmq.broker.topology.TopologyChange.AccountsBegun;
import org.warrenmq.broker.topology.TopologyChange.Deletion;
import org.warrenmq.broker.topology.TopologyChange.PermissionsRemoved;
import org.warrenmq.broker.topology.TopologyChange.PermissionsSet;
import org.warrenmq.broker.topology.TopologyChange.TopicPermissionsRemoved;
import org.warrenmq.broker.topology.TopologyChange.TopicPermissionsSet;
import org.warrenmq.broker.topology.TopologyChange.UserRemoved;
import org.warrenmq.broker.topology.TopologyChange.UserSet;

/**
 * The part of the {@link Catalogue} that makes changes of users and their permissions, which are
 * read as {@link Accounts}. Changed in the topology's room, or before that is open.
 */
final class UserCatalogue {
  // Bytes, about.
  private static final int USER = 600;
  private static final int VHOST = 300;

  /** What a compiled pattern takes for each of its characters, and for itself. */
  private static final int PATTERN_CHARACTER = 40;

  private static final int PATTERN = 400;

  private final TopologyAccount memory;
  private final Accounts accounts = new Accounts();
  private boolean begun;

  UserCatalogue(TopologyAccount memory) {
    this.memory = memory;
  }

  /** What can be read. Any thread. */
  Accounts accounts() {
    return accounts;
  }

  /** Whether users are kept, be there any or not. */
  boolean hasBegun() {
    return begun;
  }

  /**
   * Makes a change.
   *
   * @throws IllegalStateException when what it builds on is not there
   */
  void add(AccountAddition addition) {
    switch (addition) {
      case AccountsBegun _ -> begun = true;
      case UserSet user -> {
        Account before = accounts.find(user.name());
        Map<String, Permissions> permissions = before == null ? Map.of() : before.permissions();
        put(
            before,
            new Account(user.name(), user.password(), user.tags(), user.limits(), permissions));
      }
      case PermissionsSet set -> {
        ResourcePermissions resources =
            ResourcePermissions.of(set.configure(), set.write(), set.read());
        change(existing(set.user()), set.vhost(), resources);
      }
      case TopicPermissionsSet set -> {
        Account user = existing(set.user());
        Map<String, TopicPermissions> topics = new HashMap<>(user.in(set.vhost()).topics());
        topics.put(
            set.exchange(), TopicPermissions.of(set.user(), set.vhost(), set.write(), set.read()));
        change(user, set.vhost(), topics);
      }
    }
  }

  private Account existing(String name) {
    Account user = accounts.find(name);
    if (user == null) {
      throw new IllegalStateException("there is no user '" + name + "'");
    }
    return user;
  }

  private void change(Account user, String vhost, @Nullable ResourcePermissions resources) {
    put(user, user.with(vhost, there -> new Permissions(resources, there.topics())));
  }

  private void change(Account user, String vhost, Map<String, TopicPermissions> topics) {
    put(user, user.with(vhost, there -> new Permissions(there.resources(), topics)));
  }

  private void put(@Nullable Account before, Account after) {
    memory.usersTake(cost(after) - (before == null ? 0 : cost(before)));
    accounts.put(after);
  }

  /**
   * Makes a change.
   *
   * @return what went by it, what it names included; nothing if that was not there
   */
  List<Deletion> remove(AccountDeletion deletion) {
    return switch (deletion) {
      case UserRemoved(String name) -> {
        Account user = accounts.find(name);
        if (user == null) {
          yield List.of();
        }
        List<Deletion> gone = new ArrayList<>();
        user.permissions().keySet().forEach(vhost -> gone.addAll(permissions(user, vhost)));
        gone.add(deletion);
        memory.usersTake(-cost(user));
        accounts.remove(name);
        yield gone;
      }
      case PermissionsRemoved(String name, String vhost) -> {
        Account user = accounts.find(name);
        if (user == null || !user.in(vhost).mayOpen()) {
          yield List.of();
        }
        change(user, vhost, (ResourcePermissions) null);
        yield List.of(deletion);
      }
      case TopicPermissionsRemoved(String name, String vhost, String exchange) -> {
        Account user = accounts.find(name);
        if (user == null || !user.in(vhost).topics().containsKey(exchange)) {
          yield List.of();
        }
        Map<String, TopicPermissions> topics = new HashMap<>(user.in(vhost).topics());
        topics.remove(exchange);
        change(user, vhost, topics);
        yield List.of(deletion);
      }
    };
  }

  /** What a user has in a virtual host. */
  private static List<Deletion> permissions(Account user, String vhost) {
    Permissions there = user.in(vhost);
    List<Deletion> all = new ArrayList<>();
    if (there.mayOpen()) {
      all.add(new PermissionsRemoved(user.name(), vhost));
    }
    for (String exchange : there.topics().keySet()) {
      all.add(new TopicPermissionsRemoved(user.name(), vhost, exchange));
    }
    return all;
  }

  /** A virtual host goes, and all permissions in it. */
  List<Deletion> vhostGoes(String vhost) {
    List<Deletion> gone = new ArrayList<>();
    for (Account user : List.copyOf(accounts.all())) {
      List<Deletion> its = permissions(user, vhost);
      if (!its.isEmpty()) {
        gone.addAll(its);
        put(user, user.with(vhost, _ -> Permissions.NONE));
      }
    }
    return gone;
  }

  // What it takes in memory.

  static long cost(Account user) {
    long cost = USER + 2L * user.name().length();
    for (String tag : user.tags()) {
      cost += 64 + tag.length();
    }
    for (Map.Entry<String, Permissions> there : user.permissions().entrySet()) {
      cost += VHOST + there.getKey().length() + cost(there.getValue());
    }
    return cost;
  }

  private static long cost(Permissions permissions) {
    long cost = 0;
    ResourcePermissions resources = permissions.resources();
    if (resources != null) {
      cost +=
          costOfPattern(resources.configure().regex())
              + costOfPattern(resources.write().regex())
              + costOfPattern(resources.read().regex());
    }
    for (Map.Entry<String, TopicPermissions> topic : permissions.topics().entrySet()) {
      cost += VHOST + topic.getKey().length();
      cost += costOfPattern(topic.getValue().mayWrite().regex());
      cost += costOfPattern(topic.getValue().mayRead().regex());
    }
    return cost;
  }

  static long costOfPattern(String regex) {
    return PATTERN + (long) PATTERN_CHARACTER * regex.length();
  }
}
