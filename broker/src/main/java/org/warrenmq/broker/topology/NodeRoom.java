package org.warrenmq.broker.topology;

import org.warrenmq.broker.config.NodeLimits;

/**
 * Says whether there is room on the node for one thing more, whoever's it is; refusals are
 * RabbitMQ's. Lives in the topology's room.
 */
final class NodeRoom {
  private final Catalogue catalogue;
  private final NodeLimits limits;

  NodeRoom(Catalogue catalogue, NodeLimits limits) {
    this.catalogue = catalogue;
    this.limits = limits;
  }

  void checkVhost(String name) {
    int most = limits.vhosts();
    if (most >= 0 && catalogue.vhosts().size() >= most) {
      throw Refusal.tooMany(
          "cannot create vhost '%s': vhost limit of %d is reached".formatted(name, most));
    }
  }

  void checkQueue(String name) {
    int most = limits.queues();
    if (most >= 0 && catalogue.vhosts().stream().mapToInt(VirtualHost::queueCount).sum() >= most) {
      throw Refusal.tooMany(
          "cannot declare queue '%s': queue limit in cluster (%d) is reached"
              .formatted(name, most));
    }
  }

  void checkExchange(String name) {
    int most = limits.exchanges();
    if (most >= 0
        && catalogue.vhosts().stream().mapToInt(vhost -> vhost.exchanges().exchanges().size()).sum()
            >= most) {
      throw Refusal.tooMany(
          "cannot declare exchange '%s': exchange limit of %d is reached".formatted(name, most));
    }
  }
}
