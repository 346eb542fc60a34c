package org.warrenmq.broker.amqp;

import static org.warrenmq.codec.ReplyCode.NOT_ALLOWED;

import org.warrenmq.broker.auth.Accounts;
import org.warrenmq.broker.auth.User;
import org.warrenmq.broker.config.ServerIdentity;
import org.warrenmq.broker.topology.VirtualHost;
import org.warrenmq.codec.ConnectionError;

/**
 * An open connection among those that are counted, with its channels; limits are looked at when
 * something more is opened. Runs on the connection's loop.
 */
final class Presence {
  private final Usage usage;
  private final Accounts accounts;
  private final String user;
  private final String vhost;
  private int channels;

  private Presence(Usage usage, Accounts accounts, String user, String vhost) {
    this.usage = usage;
    this.accounts = accounts;
    this.user = user;
    this.vhost = vhost;
  }

  /**
   * Counts one connection more, until it leaves.
   *
   * @throws ConnectionError when there are as many as may be, in RabbitMQ's words
   */
  static Presence enter(Usage usage, Accounts accounts, User user, VirtualHost vhost) {
    String name = user.name();
    int mostHere = usage.limits.connections();
    if (!usage.nodeConnections.enter(Usage.NODE, mostHere)) {
      throw new ConnectionError(
          NOT_ALLOWED,
          "connection refused: node connection limit (%d) is reached".formatted(mostHere));
    }
    int mostThere = vhost.limits().connections();
    if (!usage.vhostConnections.enter(vhost.name(), mostThere)) {
      usage.nodeConnections.leave(Usage.NODE, 1);
      throw new ConnectionError(
          NOT_ALLOWED,
          "access to vhost '%s' refused for user '%s': connection limit (%d) is reached"
              .formatted(vhost.name(), name, mostThere));
    }
    int most = accounts.limits(name).connections();
    if (!usage.userConnections.enter(name, most)) {
      usage.vhostConnections.leave(vhost.name(), 1);
      usage.nodeConnections.leave(Usage.NODE, 1);
      throw new ConnectionError(
          NOT_ALLOWED,
          "Connection refused for user '%s': user connection limit (%d) is reached"
              .formatted(name, most));
    }
    return new Presence(usage, accounts, name, vhost.name());
  }

  /**
   * The connection opens a channel.
   *
   * @throws ConnectionError when its user or the node has as many as may be, in RabbitMQ's words
   */
  void openChannel() {
    int mostHere = usage.limits.channels();
    if (!usage.nodeChannels.enter(Usage.NODE, mostHere)) {
      throw new ConnectionError(
          NOT_ALLOWED,
          "number of channels opened on node '%s' has reached the maximum allowed limit of (%d)"
              .formatted(ServerIdentity.node(), mostHere));
    }
    int most = accounts.limits(user).channels();
    if (!usage.userChannels.enter(user, most)) {
      usage.nodeChannels.leave(Usage.NODE, 1);
      throw new ConnectionError(
          NOT_ALLOWED,
          "number of channels opened for user '%s' has reached the maximum allowed user limit of"
                  .formatted(user)
              + " (%d)".formatted(most));
    }
    channels++;
  }

  void closeChannel() {
    usage.userChannels.leave(user, 1);
    usage.nodeChannels.leave(Usage.NODE, 1);
    channels--;
  }

  /** The connection ends, and all its channels. */
  void leave() {
    usage.userChannels.leave(user, channels);
    usage.nodeChannels.leave(Usage.NODE, channels);
    channels = 0;
    usage.userConnections.leave(user, 1);
    usage.vhostConnections.leave(vhost, 1);
    usage.nodeConnections.leave(Usage.NODE, 1);
  }
}
