package org.warrenmq.broker;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code warren add_user NAME PASSWORD} and the others of {@link AccountVerb}: asks a running
 * broker, which looks at the arguments.
 */
@Command(mixinStandardHelpOptions = true, versionProvider = Main.Version.class)
final class AccountCommand implements Callable<Integer> {
  @Mixin private RunningBroker broker = new RunningBroker();

  @Option(
      names = {"-p", "--vhost"},
      paramLabel = "VHOST",
      defaultValue = "/",
      description = "the virtual host, where the command is about one (/)")
  private String vhost = "/";

  @Parameters(arity = "0..*", paramLabel = "ARGUMENT", description = "as rabbitmqctl takes them")
  private List<String> arguments = List.of();

  private final AccountVerb verb;

  private AccountCommand(AccountVerb verb) {
    this.verb = verb;
  }

  static CommandSpec spec(AccountVerb verb) {
    CommandSpec spec = CommandSpec.forAnnotatedObject(new AccountCommand(verb));
    spec.usageMessage()
        .description(verb.description(), "Arguments: " + String.join(" ", verb.arguments()));
    return spec;
  }

  @Override
  public Integer call() {
    return broker.ask(request(verb, vhost, arguments));
  }

  static String request(AccountVerb verb, String vhost, List<String> arguments) {
    return verb.word() + " " + words(vhost, arguments);
  }

  /** Words with nothing in them that would part them. */
  static String words(String vhost, List<String> arguments) {
    return Stream.concat(Stream.of(vhost), arguments.stream())
        .map(word -> URLEncoder.encode(word, StandardCharsets.UTF_8))
        .collect(Collectors.joining(" "));
  }
}
