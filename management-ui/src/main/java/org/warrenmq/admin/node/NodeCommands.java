package org.warrenmq.admin.node;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.AmqpError;
import org.warrenmq.codec.FieldTable;

/**
 * What can be changed on a node: names and values only, the same commands as by AMQP. Asked on
 * threads that may wait. Each returns when the change lasts, and throws an {@link AmqpError} when
 * it is refused; then nothing has changed.
 *
 * <p>They are one caller's: what users may do by AMQP, too, is checked against their permissions.
 * Who came over the local socket may do everything.
 */
public interface NodeCommands {
  // Virtual hosts.

  /** One that is there gets these traits. */
  void putVhost(String name, Facts.VhostTraits traits);

  void deleteVhost(String name);

  void protectVhost(String name, boolean isProtected);

  /** These limits and no others, by RabbitMQ's names. */
  void limitVhost(String name, Map<String, Integer> limits);

  // Users.

  /** How somebody proves who they are. */
  sealed interface Password {
    record Plain(String text) implements Password {}

    /**
     * @param algorithm by RabbitMQ's name; empty for the usual one
     * @param base64 empty for a user whom no password lets in
     */
    record Hashed(String algorithm, String base64) implements Password {}
  }

  /**
   * Makes a user, or changes one.
   *
   * @throws IllegalArgumentException when the password is no such hash
   */
  void putUser(String name, Password password, List<String> tags);

  /**
   * The same for one that must not be there.
   *
   * @throws IllegalArgumentException when the password is no such hash
   */
  void addUser(String name, Password password, List<String> tags);

  void changePassword(String name, Password password);

  void setTags(String name, List<String> tags);

  void deleteUser(String name);

  /** Some limits change, by RabbitMQ's names; -1 takes one away. */
  void limitUser(String name, Map<String, Integer> limits);

  void setPermissions(String user, String vhost, Facts.Resources resources);

  void clearPermissions(String user, String vhost);

  void setTopicPermissions(String user, String vhost, String exchange, Facts.Topics topics);

  /**
   * @param exchange null for all
   */
  void clearTopicPermissions(String user, String vhost, @Nullable String exchange);

  /** The hash of a password, with a new salt. */
  String hash(String password);

  // Exchanges, queues, bindings.

  void declareExchange(Facts.Exchange exchange);

  void deleteExchange(String vhost, String name, boolean ifUnused);

  /** Declares one that is nobody's own. */
  void declareQueue(
      String vhost, String name, boolean durable, boolean autoDelete, FieldTable arguments);

  void deleteQueue(String vhost, String name, boolean ifUnused, boolean ifEmpty);

  void purge(String vhost, String queue);

  void bind(Facts.Binding binding);

  void unbind(Facts.Binding binding);

  // Policies, and what is kept for others.

  /** A policy, or another one of its name; what it matches goes by it when this returns. */
  void setPolicy(Facts.Policy policy);

  void clearPolicy(Facts.PolicyKind kind, String vhost, String name);

  void setParameter(Facts.Parameter parameter);

  void clearParameter(@Nullable String vhost, String component, String name);

  /** All of that together, as documents ask for it; for administrators. */
  DefinitionCommands definitions();

  // The node.

  /** Closes what has that name; nothing happens if nothing has. */
  void closeConnections(List<String> names, String reason);

  /**
   * Copies everything that lasts into a folder that must not exist.
   *
   * @throws IllegalArgumentException when that cannot be
   */
  void backup(Path target);
}
