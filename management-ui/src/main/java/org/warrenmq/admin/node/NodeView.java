package org.warrenmq.admin.node;

import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What there is on a node. Asked on threads that may wait: what only a room knows is asked there,
 * by mail; everything else is answered at once. A list is as of about one moment.
 */
public interface NodeView {
  Facts.Node node();

  /** Its name alone. */
  String nodeName();

  List<Facts.Vhost> vhosts();

  Facts.@Nullable Vhost vhost(String name);

  List<Facts.User> users();

  Facts.@Nullable User user(String name);

  /** Those of a virtual host; none if that is not there. */
  List<Facts.Exchange> exchanges(String vhost);

  /**
   * @param name empty for the default exchange
   */
  Facts.@Nullable Exchange exchange(String vhost, String name);

  /** Those of a virtual host; none if that is not there. */
  List<Facts.Queue> queues(String vhost);

  Facts.@Nullable Queue queue(String vhost, String name);

  /** What each of some queues holds, in their order; null for one that is gone. Waits. */
  List<Facts.@Nullable QueueCounts> counts(List<Facts.Queue> queues);

  /** Those of a virtual host, the implicit ones of the default exchange included. */
  List<Facts.Binding> bindings(String vhost);

  /**
   * Those of which an exchange is the source.
   *
   * @param exchange empty for the default one
   */
  List<Facts.Binding> bindingsFrom(String vhost, String exchange);

  /** Those that lead to a queue or an exchange. */
  List<Facts.Binding> bindingsTo(String vhost, String destination, boolean toQueue);

  /** Whether a binding is there. */
  boolean isBound(Facts.Binding binding);

  /** The open connections of clients, with their channels and consumers. Waits. */
  List<Facts.Connection> connections();

  /** Those of a virtual host, the one that goes before others first; none if that is not there. */
  List<Facts.Policy> policies(Facts.PolicyKind kind, String vhost);

  /** One of them, by name. */
  Facts.@Nullable Policy policy(Facts.PolicyKind kind, String vhost, String name);

  /** Those of virtual hosts. */
  List<Facts.Parameter> parameters();

  /**
   * One of them, or of those of the whole node.
   *
   * @param vhost null for the whole node
   */
  Facts.@Nullable Parameter parameter(@Nullable String vhost, String component, String name);

  /** Those of the whole node. */
  List<Facts.Parameter> globalParameters();

  /**
   * The names in which a regular expression finds something.
   *
   * @throws IllegalArgumentException when it is none
   */
  Predicate<String> matching(String regex);
}
