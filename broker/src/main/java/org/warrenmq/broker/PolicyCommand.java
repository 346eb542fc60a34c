package org.warrenmq.broker;

import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code warren set_policy NAME PATTERN DEFINITION} and the others of {@link PolicyVerb}: asks a
 * running broker, which looks at the arguments.
 */
@Command(mixinStandardHelpOptions = true, versionProvider = Main.Version.class)
final class PolicyCommand implements Callable<Integer> {
  @Mixin private RunningBroker broker = new RunningBroker();

  @Option(
      names = {"-p", "--vhost"},
      paramLabel = "VHOST",
      defaultValue = "/",
      description = "the virtual host, where the command is about one (/)")
  private String vhost = "/";

  @Option(
      names = "--priority",
      paramLabel = "NUMBER",
      description = "of a policy that is set: the highest one holds (0)")
  private @Nullable String priority;

  @Option(
      names = "--apply-to",
      paramLabel = "KIND",
      description =
          "what a policy is for that is set: all, queues, classic_queues, quorum_queues, streams,"
              + " exchanges (all)")
  private @Nullable String applyTo;

  @Parameters(arity = "0..*", paramLabel = "ARGUMENT", description = "as rabbitmqctl takes them")
  private List<String> arguments = List.of();

  private final PolicyVerb verb;

  private PolicyCommand(PolicyVerb verb) {
    this.verb = verb;
  }

  static CommandSpec spec(PolicyVerb verb) {
    CommandSpec spec = CommandSpec.forAnnotatedObject(new PolicyCommand(verb));
    spec.usageMessage()
        .description(verb.description(), "Arguments: " + String.join(" ", verb.arguments()));
    return spec;
  }

  @Override
  public Integer call() {
    return broker.talk(
        api -> new PolicyConversation(api, vhost, priority, applyTo).run(verb, arguments));
  }
}
