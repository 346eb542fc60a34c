package org.warrenmq.broker;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.warrenmq.broker.alarms.Alarms;
import org.warrenmq.broker.audit.AuditLog;
import org.warrenmq.broker.audit.AuditTrail;
import org.warrenmq.broker.topology.Topology;
import org.warrenmq.broker.topology.TopologyCommand;
import org.warrenmq.broker.topology.TopologyReply;
import org.warrenmq.broker.topology.TopologyRequest;
import org.warrenmq.codec.AmqpError;
import org.warrenmq.engine.loop.Mail;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.store.Store;
import org.warrenmq.store.StoreException;

/** What whoever runs a broker in his own process can ask of it. Any thread. */
public final class OperatorCommands {
  private final Store store;
  private final Alarms alarms;
  private final Topology topology;

  /** Null where there is none. */
  private final @Nullable AuditTrail audit;

  OperatorCommands(Store store, Alarms alarms, Topology topology, @Nullable AuditLog audit) {
    this.store = store;
    this.alarms = alarms;
    this.topology = topology;
    this.audit = audit == null ? null : new AuditTrail(audit, "operator", null);
  }

  /**
   * Changes the topology, and waits until that lasts. Not for an event loop.
   *
   * @throws IllegalArgumentException when it is refused
   */
  public void change(TopologyCommand command) {
    CompletableFuture<TopologyReply> answer = new CompletableFuture<>();
    ReplyTo<TopologyReply> reply = new ReplyTo<>(Mail::open, answer::complete);
    topology.room().post(topology.mail(new TopologyRequest(command, reply)));
    TopologyReply done = answer.join();
    if (audit != null) {
      audit.record(command, done);
    }
    if (done instanceof TopologyReply.Refused(AmqpError error)) {
      throw new IllegalArgumentException(error.text());
    }
  }

  /**
   * Copies everything that lasts, as of now, into a folder that must not exist; the broker goes on.
   * Another broker can be started on the copy.
   *
   * @throws StoreException when the copy cannot be made
   */
  public void backup(Path target) {
    store.checkpoint(target);
  }

  /**
   * Sets the memory watermark, as rabbitmqctl set_vm_memory_high_watermark does; it holds within a
   * second.
   *
   * @param bytes of heap in use above which publishers are blocked
   */
  public void setMemoryWatermark(long bytes) {
    alarms.watermark(bytes);
  }

  /**
   * Sets the limit of free disk, as rabbitmqctl set_disk_free_limit does; it holds within a second.
   *
   * @param bytes free on the data folder's disk below which publishers are blocked
   */
  public void setDiskFreeLimit(long bytes) {
    alarms.diskFreeLimit(bytes);
  }
}
