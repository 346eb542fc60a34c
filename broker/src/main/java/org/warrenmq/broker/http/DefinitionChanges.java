package org.warrenmq.broker.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.node.Definition;
import org.warrenmq.admin.node.DefinitionCommands;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.admin.node.NodeCommands;
import org.warrenmq.broker.audit.AuditTrail;
import org.warrenmq.broker.auth.Account;
import org.warrenmq.broker.topology.CommandRules;
import org.warrenmq.broker.topology.ConnectionId;
import org.warrenmq.broker.topology.QueueSpec;
import org.warrenmq.broker.topology.Topology;
import org.warrenmq.broker.topology.TopologyCommand;
import org.warrenmq.broker.topology.TopologyReply;
import org.warrenmq.broker.topology.VhostTraits;
import org.warrenmq.broker.topology.VirtualHost;
import org.warrenmq.codec.AmqpError;

/**
 * Makes commands for the topology of what a document of definitions asks for; many are on their way
 * at once. Immutable; asked on threads that may wait.
 */
final class DefinitionChanges implements DefinitionCommands {
  private final Topology topology;

  /** Null where nothing is taken down. */
  private final @Nullable AuditTrail trail;

  DefinitionChanges(Topology topology, @Nullable AuditTrail trail) {
    this.topology = topology;
    this.trail = trail;
  }

  /** A command that was sent, and its answer to come. */
  private record Sent(TopologyCommand command, CompletableFuture<TopologyReply> answer) {}

  @Override
  public List<@Nullable String> carryOut(List<Definition> some) {
    List<Sent> sent = new ArrayList<>();
    for (Definition one : some) {
      TopologyCommand command = command(one);
      sent.add(new Sent(command, Answers.asked(topology, command)));
    }
    List<@Nullable String> refusals = new ArrayList<>();
    for (Sent one : sent) {
      TopologyReply reply = Answers.await(one.answer);
      if (trail != null) {
        trail.record(one.command, reply);
      }
      refusals.add(
          reply instanceof TopologyReply.Refused(AmqpError error) ? error.explanation() : null);
    }
    return refusals;
  }

  private TopologyCommand command(Definition wanted) {
    return switch (wanted) {
      case Definition.User(
              String name,
              NodeCommands.Password password,
              List<String> tags,
              Map<String, Integer> limits) ->
          new TopologyCommand.PutUser(name, NodeChanges.hash(password), tags, limits);
      case Definition.Vhost vhost -> command(vhost);
      case Definition.Permission(String user, String vhost, Facts.Resources may) ->
          new TopologyCommand.SetPermissions(user, vhost, may.configure(), may.write(), may.read());
      case Definition.TopicPermission(
              String user,
              String vhost,
              String exchange,
              Facts.Topics may) ->
          new TopologyCommand.SetTopicPermissions(user, vhost, exchange, may.write(), may.read());
      case Definition.Parameter(Facts.Parameter parameter) -> NodeChanges.command(parameter);
      case Definition.Policy(Facts.Policy policy) ->
          new TopologyCommand.SetPolicy(NodeChanges.spec(policy));
      case Definition.Queue queue -> command(queue);
      case Definition.Exchange(Facts.Exchange exchange) ->
          new TopologyCommand.DeclareExchange(NodeChanges.spec(exchange));
      case Definition.Binding(Facts.Binding binding) ->
          new TopologyCommand.Bind(binding.vhost(), NodeChanges.spec(binding), ConnectionId.NONE);
    };
  }

  private TopologyCommand command(Definition.Vhost wanted) {
    VirtualHost there = topology.vhost(wanted.name());
    VhostTraits noted = there == null ? VhostTraits.NONE : there.traits();
    Facts.VhostTraits traits = wanted.over(NodeContents.facts(noted));
    return new TopologyCommand.CreateVhost(wanted.name(), NodeChanges.traits(traits));
  }

  private TopologyCommand command(Definition.Queue queue) {
    QueueSpec spec =
        new QueueSpec(queue.name(), queue.durable(), false, queue.autoDelete(), queue.arguments());
    // Nobody's, like an operator's; but they go over the loops, as at a start.
    int loop = Math.floorMod(queue.name().hashCode(), topology.homes());
    return new TopologyCommand.DeclareQueue(queue.vhost(), spec, new ConnectionId(loop, 0));
  }

  @Override
  public @Nullable String fault(Definition definition) {
    try {
      topology.rules().check(command(definition));
      return null;
    } catch (AmqpError wrong) {
      return wrong.explanation();
    } catch (IllegalArgumentException wrong) {
      return String.valueOf(wrong.getMessage());
    }
  }

  @Override
  public List<String> withoutEffect(Definition definition) {
    return CommandRules.withoutEffect(command(definition));
  }

  @Override
  public boolean isPassword(String user, String password) {
    Account account = topology.accounts().find(user);
    return account != null && account.password().matches(password);
  }
}
