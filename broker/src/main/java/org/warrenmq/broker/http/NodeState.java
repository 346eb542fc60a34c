package org.warrenmq.broker.http;

import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.broker.alarms.Alarms;
import org.warrenmq.broker.alarms.DiskSpace;
import org.warrenmq.broker.auth.SaslMechanism;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.broker.config.ServerIdentity;
import org.warrenmq.engine.loop.NodeMemory;
import org.warrenmq.router.ExchangeType;
import org.warrenmq.router.ExchangeTypes;

/** What the node itself is, and how it is. Any thread. */
public final class NodeState {
  private final BrokerConfig config;
  private final NodeMemory memory;
  private final List<String> exchangeTypes;
  private final Supplier<List<Facts.Listener>> listeners;
  private final String name = ServerIdentity.node();
  private final long startedAt = System.currentTimeMillis();
  private volatile @Nullable String alarm;

  /**
   * @param listeners where clients are let in by now
   */
  public NodeState(
      BrokerConfig config,
      NodeMemory memory,
      Alarms alarms,
      ExchangeTypes types,
      Supplier<List<Facts.Listener>> listeners) {
    this.config = config;
    this.memory = memory;
    this.listeners = listeners;
    exchangeTypes = types.all().stream().map(ExchangeType::name).toList();
    alarms.listen(reason -> alarm = reason);
  }

  String name() {
    return name;
  }

  /**
   * @param clusterName as it was set since the start, or null
   */
  Facts.Node facts(@Nullable String clusterName) {
    return new Facts.Node(
        name,
        clusterName == null ? config.clusterName() : clusterName,
        ServerIdentity.PRODUCT,
        ServerIdentity.VERSION,
        ServerIdentity.broker(),
        startedAt,
        memory.used(),
        memory.budget(),
        String.valueOf(memory.level()),
        String.valueOf(memory.byKind()),
        alarm,
        DiskSpace.free(config.dataDir()),
        DiskSpace.limit(config.storage().diskFreeLimit()),
        config.dataDir().toAbsolutePath().toString(),
        listeners.get(),
        exchangeTypes,
        Arrays.stream(SaslMechanism.values()).map(Enum::name).toList());
  }
}
