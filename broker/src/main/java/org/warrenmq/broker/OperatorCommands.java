package org.warrenmq.broker;

import java.nio.file.Path;
import java.util.List;
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
import org.warrenmq.engine.loop.NodeMemory;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.store.Store;
import org.warrenmq.store.StoreException;

/** What an operator can ask of a running broker. Any thread. */
public final class OperatorCommands {
  private final Store store;
  private final NodeMemory memory;
  private final Alarms alarms;
  private final Topology topology;
  private final AccountRequests accounts;
  private final PolicyRequests policies;

  /** Null where there is none. */
  private final @Nullable AuditTrail audit;

  OperatorCommands(
      Store store, NodeMemory memory, Alarms alarms, Topology topology, @Nullable AuditLog audit) {
    this.audit = audit == null ? null : new AuditTrail(audit, "operator", "command line");
    this.store = store;
    this.memory = memory;
    this.alarms = alarms;
    this.topology = topology;
    accounts = new AccountRequests(topology, this::change);
    policies = new PolicyRequests(topology, this::change);
  }

  /**
   * Carries out what came as a line, and says what came of it.
   *
   * @throws IllegalArgumentException when there is no such command, or it is refused
   */
  String run(String line) {
    String[] words = line.split(" ", 2);
    String subject = words.length == 2 ? words[1] : "";
    return switch (words[0]) {
      case "backup" -> {
        backup(Path.of(subject));
        yield "copied to " + subject;
      }
      case "add_vhost" -> {
        change(new TopologyCommand.CreateVhost(subject));
        yield "vhost '" + subject + "' is there";
      }
      case "delete_vhost" -> {
        change(new TopologyCommand.DeleteVhost(subject));
        yield "vhost '" + subject + "' is gone";
      }
      case "memory" -> memory();
      case String verb when AccountVerb.isOne(verb) -> accounts.run(AccountVerb.of(verb), subject);
      case String verb when PolicyVerb.isOne(verb) -> {
        List<String> all = AccountRequests.words(subject);
        yield policies.run(PolicyVerb.of(verb), all.getFirst(), all.subList(1, all.size()));
      }
      default -> throw new IllegalArgumentException("unknown command " + words[0]);
    };
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

  /** What is held for clients, and for what. */
  private String memory() {
    return "%d of %d bytes are held for clients, level %s; in kB: %s"
        .formatted(memory.used(), memory.budget(), memory.level(), memory.byKind());
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
