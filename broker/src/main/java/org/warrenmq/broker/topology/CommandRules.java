package org.warrenmq.broker.topology;

import java.util.List;
import org.warrenmq.broker.auth.Limits;
import org.warrenmq.broker.auth.ResourcePermissions;
import org.warrenmq.broker.auth.TopicPermissions;
import org.warrenmq.codec.AmqpError;
import org.warrenmq.router.ExchangeTypes;

/**
 * What can be said of a command before anybody decides about it: whether it is wrong in itself,
 * whatever there is, and what of it would be kept in vain. Immutable, any thread.
 */
public record CommandRules(ExchangeTypes types) {
  /**
   * Looks at what a document of definitions can lead to; of other commands nothing is said.
   *
   * @throws AmqpError when it is wrong, as if it were carried out
   */
  public void check(TopologyCommand command) {
    try {
      switch (command) {
        case TopologyCommand.CreateVhost create -> {
          VhostRules.checkName(create.name());
          if (create.traits() != null) {
            VhostRules.check(create.traits());
          }
        }
        case TopologyCommand.PutUser put -> {
          AccountCommands.checkName("user name", put.name());
          AccountCommands.checkTags(put.tags());
          Limits.NONE.withUsers(put.limits());
        }
        case TopologyCommand.SetPermissions set ->
            ResourcePermissions.of(set.configure(), set.write(), set.read());
        case TopologyCommand.SetTopicPermissions set ->
            TopicPermissions.of(set.user(), set.vhost(), set.write(), set.read());
        case TopologyCommand.SetParameter(Parameter parameter) ->
            ParameterCommands.check(parameter);
        case TopologyCommand.SetPolicy(PolicySpec policy) -> PolicyRules.policy(policy);
        case TopologyCommand.DeclareExchange(var spec) -> {
          if (ExchangeRules.predeclared(spec.vhost()).noneMatch(spec::equals)) {
            ExchangeRules.checkDeclare(spec, null, types);
          }
        }
        case TopologyCommand.DeclareQueue declare ->
            QueueRules.validate(declare.vhost(), declare.spec());
        case TopologyCommand.Bind bind -> ExchangeRules.checkBindable(bind.binding());
        default -> {
          // What there is decides.
        }
      }
    } catch (IllegalArgumentException e) {
      throw Refusal.invalidAccount(String.valueOf(e.getMessage()));
    }
  }

  /** What is kept by a command and does nothing so far, by name. */
  public static List<String> withoutEffect(TopologyCommand command) {
    return switch (command) {
      case TopologyCommand.DeclareQueue declare -> QueueRules.withoutEffect(declare.spec());
      case TopologyCommand.SetPolicy(PolicySpec policy) ->
          PolicyRules.withoutEffect(policy.definition());
      case TopologyCommand.SetParameter(Parameter parameter)
          when ParameterCommands.isInVain(parameter) ->
          List.of("it is kept");
      default -> List.of();
    };
  }
}
