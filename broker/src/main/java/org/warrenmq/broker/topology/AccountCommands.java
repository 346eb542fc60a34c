package org.warrenmq.broker.topology;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.broker.auth.Account;
import org.warrenmq.broker.auth.Limits;
import org.warrenmq.broker.auth.PasswordHash;
import org.warrenmq.broker.auth.ResourcePermissions;
import org.warrenmq.broker.auth.TopicPermissions;
import org.warrenmq.broker.config.FirstRights;
import org.warrenmq.broker.topology.TopologyChange.AccountsBegun;
import org.warrenmq.broker.topology.TopologyChange.PermissionsRemoved;
import org.warrenmq.broker.topology.TopologyChange.PermissionsSet;
import org.warrenmq.broker.topology.TopologyChange.TopicPermissionsRemoved;
import org.warrenmq.broker.topology.TopologyChange.TopicPermissionsSet;
import org.warrenmq.broker.topology.TopologyChange.UserRemoved;
import org.warrenmq.broker.topology.TopologyChange.UserSet;
import org.warrenmq.broker.topology.TopologyCommand.AccountCommand;
import org.warrenmq.broker.topology.TopologyCommand.AddUser;
import org.warrenmq.broker.topology.TopologyCommand.ChangePassword;
import org.warrenmq.broker.topology.TopologyCommand.ClearPermissions;
import org.warrenmq.broker.topology.TopologyCommand.ClearTopicPermissions;
import org.warrenmq.broker.topology.TopologyCommand.DeleteUser;
import org.warrenmq.broker.topology.TopologyCommand.PutUser;
import org.warrenmq.broker.topology.TopologyCommand.SetPermissions;
import org.warrenmq.broker.topology.TopologyCommand.SetTopicPermissions;
import org.warrenmq.broker.topology.TopologyCommand.SetUserLimits;
import org.warrenmq.broker.topology.TopologyCommand.SetUserTags;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.WireString;

/**
 * Decides about users and what they may do; what is refused is thrown before anything changed.
 * Lives in the topology's room.
 */
final class AccountCommands {
  private static final Logger log = LoggerFactory.getLogger(AccountCommands.class);

  /** Together they are kept with every connection of the user. */
  private static final int MOST_TAGS = 64;

  private final Catalogue catalogue;
  private final Decisions decisions;
  private final TopologyAccount memory;
  private final List<Consumer<String>> mourners = new ArrayList<>();

  AccountCommands(Catalogue catalogue, Decisions decisions, TopologyAccount memory) {
    this.catalogue = catalogue;
    this.decisions = decisions;
    this.memory = memory;
  }

  /** Tells somebody of each user that goes, in the topology's room. */
  void whenGoing(Consumer<String> somebody) {
    mourners.add(somebody);
  }

  /** There is a first user, an administrator, unless users are kept; on the main thread. */
  boolean begin(String name, String password, FirstRights rights) {
    if (catalogue.accounts().hasBegun()) {
      return false;
    }
    begin();
    decisions.make(new UserSet(name, PasswordHash.of(password), rights.tags(), Limits.NONE));
    for (VirtualHost vhost : catalogue.vhosts()) {
      decisions.make(
          new PermissionsSet(
              name, vhost.name(), rights.configure(), rights.write(), rights.read()));
    }
    return true;
  }

  /** Users are kept from now on: there may be others than the first one of a start. */
  private void begin() {
    if (!catalogue.accounts().hasBegun()) {
      decisions.make(new AccountsBegun());
    }
  }

  void carryOut(AccountCommand command) {
    try {
      decide(command);
    } catch (IllegalArgumentException e) {
      throw Refusal.invalidAccount(String.valueOf(e.getMessage()));
    }
  }

  private void decide(AccountCommand command) {
    switch (command) {
      case AddUser add -> add(add, Limits.NONE);
      case PutUser put -> put(put);
      case DeleteUser(String name) -> delete(existing(name));
      case ChangePassword(String name, PasswordHash password) -> {
        Account user = existing(name);
        decisions.make(new UserSet(name, password, user.tags(), user.limits()));
        log.info("the password of user '{}' was changed", name);
      }
      case SetUserTags(String name, List<String> tags) -> {
        Account user = existing(name);
        checkTags(tags);
        decisions.make(new UserSet(name, user.password(), tags, user.limits()));
        log.info("user '{}' has the tags {}", name, tags);
      }
      case SetUserLimits set -> {
        Account user = existing(set.user());
        Limits limits = user.limits().withUsers(set.limits());
        decisions.make(new UserSet(user.name(), user.password(), user.tags(), limits));
        log.info("user '{}' has the limits {}", user.name(), limits.byName());
      }
      case SetPermissions set -> set(set);
      case ClearPermissions(String user, String vhost) -> {
        decisions.make(new PermissionsRemoved(existing(user).name(), existingVhost(vhost)));
        log.info("user '{}' may do nothing in vhost '{}'", user, vhost);
      }
      case SetTopicPermissions set -> set(set);
      case ClearTopicPermissions clear -> clear(clear);
    }
  }

  /**
   * @throws ChannelError when there is none
   */
  private Account existing(String name) {
    Account user = catalogue.accounts().accounts().find(name);
    if (user == null) {
      throw Refusal.noUser(name);
    }
    return user;
  }

  private String existingVhost(String name) {
    VirtualHost vhost = catalogue.vhost(name);
    if (vhost == null || vhost.isDeleted()) {
      throw Refusal.noVhost(name);
    }
    return name;
  }

  private void add(AddUser command, Limits limits) {
    String name = command.name();
    checkName("user name", name);
    checkTags(command.tags());
    if (catalogue.accounts().accounts().find(name) != null) {
      throw Refusal.invalidAccount("user '" + name + "' already exists");
    }
    checkRoom(name);
    begin();
    decisions.make(new UserSet(name, command.password(), command.tags(), limits));
    log.info("user '{}' was created", name);
  }

  private void put(PutUser command) {
    Account user = catalogue.accounts().accounts().find(command.name());
    if (user == null) {
      Limits limits = Limits.NONE.withUsers(command.limits());
      add(new AddUser(command.name(), command.password(), command.tags()), limits);
      return;
    }
    checkTags(command.tags());
    Limits limits = user.limits().withUsers(command.limits());
    decisions.make(new UserSet(user.name(), command.password(), command.tags(), limits));
    log.info("user '{}' was changed, and has the tags {}", user.name(), command.tags());
  }

  /** A user that is to be added, or get more permissions. */
  private void checkRoom(String... texts) {
    long cost = 0;
    for (String text : texts) {
      cost += UserCatalogue.costOfPattern(text);
    }
    memory.checkRoomForUsers(cost);
  }

  static void checkName(String what, String name) {
    if (name.isEmpty()) {
      throw Refusal.invalidAccount("the " + what + " is empty");
    }
    checkLength(what, name);
  }

  private static void checkLength(String what, String name) {
    if (WireString.encodedLength(name) > WireString.MAX_SHORT) {
      throw Refusal.invalidAccount(
          "the %s has more than %d octets".formatted(what, WireString.MAX_SHORT));
    }
  }

  static void checkTags(List<String> tags) {
    if (tags.size() > MOST_TAGS) {
      throw Refusal.invalidAccount("there are more than " + MOST_TAGS + " tags");
    }
    tags.forEach(tag -> checkName("tag", tag));
  }

  /** Nothing is allowed any more when clients hear of it. */
  private void delete(Account user) {
    decisions.make(new UserRemoved(user.name()));
    mourners.forEach(mourner -> mourner.accept(user.name()));
    log.info("user '{}' was deleted", user.name());
  }

  private void set(SetPermissions set) {
    String user = existing(set.user()).name();
    String vhost = existingVhost(set.vhost());
    ResourcePermissions.of(set.configure(), set.write(), set.read());
    checkRoom(set.configure(), set.write(), set.read());
    decisions.make(new PermissionsSet(user, vhost, set.configure(), set.write(), set.read()));
    log.info(
        "user '{}' may in vhost '{}' configure '{}', write '{}', read '{}'",
        user,
        vhost,
        set.configure(),
        set.write(),
        set.read());
  }

  private void set(SetTopicPermissions set) {
    String user = existing(set.user()).name();
    String vhost = existingVhost(set.vhost());
    checkLength("exchange name", set.exchange());
    TopicPermissions.of(user, vhost, set.write(), set.read());
    checkRoom(set.exchange(), set.write(), set.read());
    decisions.make(new TopicPermissionsSet(user, vhost, set.exchange(), set.write(), set.read()));
    log.info(
        "user '{}' may at exchange '{}' in vhost '{}' write with '{}', read with '{}'",
        user,
        set.exchange(),
        vhost,
        set.write(),
        set.read());
  }

  private void clear(ClearTopicPermissions clear) {
    Account user = existing(clear.user());
    String vhost = existingVhost(clear.vhost());
    String named = clear.exchange();
    for (String exchange : user.in(vhost).topics().keySet()) {
      if (named == null || named.equals(exchange)) {
        decisions.make(new TopicPermissionsRemoved(user.name(), vhost, exchange));
      }
    }
    log.info("topic permissions of user '{}' in vhost '{}' were cleared", user.name(), vhost);
  }
}
