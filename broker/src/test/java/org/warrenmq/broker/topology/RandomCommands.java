package org.warrenmq.broker.topology;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.warrenmq.broker.auth.PasswordHash;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.router.ExchangeSpec;

/** Commands by chance, about few names, so that they meet; some are refused. */
final class RandomCommands {
  static final List<String> VHOSTS = List.of("/", "a", "b");

  static final List<String> USERS = List.of("alice", "bob", "{vhost}");

  private static final PasswordHash PASSWORD = PasswordHash.of("secret");
  private static final PasswordHash OTHER_PASSWORD = PasswordHash.of("other");
  private static final List<String> TYPES =
      List.of("direct", "fanout", "topic", "headers", "x-recent-history");
  private static final int NAMES = 5;
  private static final int CONNECTIONS = 3;

  private final Random random;

  RandomCommands(long seed) {
    random = new Random(seed);
  }

  TopologyCommand next() {
    String vhost = VHOSTS.get(random.nextInt(VHOSTS.size()));
    return switch (random.nextInt(70)) {
      case 40, 41 -> new TopologyCommand.AddUser(user(), PASSWORD, List.of("monitoring"));
      case 42 -> new TopologyCommand.PutUser(user(), OTHER_PASSWORD, List.of("c"));
      case 43 -> new TopologyCommand.DeleteUser(user());
      case 44, 45, 46, 47, 48 ->
          new TopologyCommand.SetPermissions(user(), vhost, pattern(), pattern(), pattern());
      case 49 -> new TopologyCommand.ClearPermissions(user(), vhost);
      case 50, 51, 52 ->
          new TopologyCommand.SetTopicPermissions(
              user(), vhost, exchangeName(), pattern(), pattern());
      case 53 ->
          new TopologyCommand.ClearTopicPermissions(
              user(), vhost, chance(2) ? exchangeName() : null);
      case 54, 55 -> new TopologyCommand.SetVhostLimits(vhost, limits("max-queues"));
      case 56, 57 -> new TopologyCommand.SetUserLimits(user(), limits("max-channels"));
      case 58 -> new TopologyCommand.SetUserTags(user(), List.of("a", "b"));
      case 59 -> new TopologyCommand.ChangePassword(user(), OTHER_PASSWORD);
      case 60, 61, 62 -> new TopologyCommand.SetPolicy(policy(vhost));
      case 63, 64 -> new TopologyCommand.ClearPolicy(kind(), vhost, policyName());
      case 65, 66 ->
          new TopologyCommand.SetParameter(
              new Parameter(vhost, component(), policyName(), FieldValue.of(arguments())));
      case 67 -> new TopologyCommand.ClearParameter(vhost, component(), policyName());
      case 68 ->
          new TopologyCommand.SetGlobalParameter(
              policyName(), FieldValue.ArrayValue.of(FieldValue.of(random.nextInt())));
      case 69 -> new TopologyCommand.ClearGlobalParameter(policyName());
      case 0, 1 -> new TopologyCommand.CreateVhost(vhost);
      case 2 -> new TopologyCommand.CreateVhost(vhost, traits());
      case 3 -> new TopologyCommand.DeleteVhost(vhost);
      case 4, 5, 6, 7, 8, 9 -> new TopologyCommand.DeclareExchange(exchange(vhost));
      case 10, 11 -> new TopologyCommand.DeleteExchange(vhost, exchangeName(), chance(2));
      case 12, 13, 14, 15, 16, 17, 18 ->
          new TopologyCommand.DeclareQueue(vhost, queue(), connection());
      case 19, 20 ->
          new TopologyCommand.DeleteQueue(vhost, queueName(), false, false, connection());
      case 21 -> new TopologyCommand.ReleaseConnection(connection());
      case 22, 23, 24, 25 -> new TopologyCommand.Unbind(vhost, binding(), connection());
      default -> new TopologyCommand.Bind(vhost, binding(), connection());
    };
  }

  private VhostTraits traits() {
    return chance(4)
        ? VhostTraits.NONE
        : new VhostTraits(
            pattern(), List.of("tag"), chance(2) ? "classic" : null, random.nextBoolean());
  }

  private PolicySpec policy(String vhost) {
    FieldTable definition =
        FieldTable.builder()
            .put(chance(8) ? "nothing" : "max-length", (long) random.nextInt(5))
            .build();
    return new PolicySpec(
        kind(),
        vhost,
        policyName(),
        pattern(),
        List.of("all", "queues", "exchanges", "classic_queues", "x").get(random.nextInt(5)),
        FieldValue.of(random.nextInt(3)),
        chance(2)
            ? definition
            : FieldTable.of("alternate-exchange", FieldValue.of(exchangeName())));
  }

  private PolicySpec.Kind kind() {
    return chance(3) ? PolicySpec.Kind.OPERATOR : PolicySpec.Kind.POLICY;
  }

  private String policyName() {
    return "p" + random.nextInt(4);
  }

  private String component() {
    return List.of("shovel", "federation-upstream", "policy", "none").get(random.nextInt(4));
  }

  private String user() {
    return USERS.get(random.nextInt(USERS.size()));
  }

  private String pattern() {
    return List.of("", ".*", "^x[0-2]$", "(", "{username}").get(random.nextInt(5));
  }

  private Map<String, Integer> limits(String name) {
    return chance(4) ? Map.of() : Map.of(name, random.nextInt(8) - 1);
  }

  private ConnectionId connection() {
    return new ConnectionId(0, 1 + random.nextInt(CONNECTIONS));
  }

  private String exchangeName() {
    return "x" + random.nextInt(NAMES);
  }

  private String queueName() {
    return "q" + random.nextInt(NAMES);
  }

  private boolean chance(int of) {
    return random.nextInt(of) == 0;
  }

  private FieldTable arguments() {
    return chance(3) ? FieldTable.of("x-max-length", FieldValue.of(1)) : FieldTable.EMPTY;
  }

  private ExchangeSpec exchange(String vhost) {
    return new ExchangeSpec(
        vhost,
        exchangeName(),
        TYPES.get(random.nextInt(TYPES.size())),
        !chance(3),
        chance(2),
        false,
        state());
  }

  private FieldTable state() {
    return switch (random.nextInt(6)) {
      case 0 -> FieldTable.of("x-delayed-exchange", new FieldValue.Bool(true));
      case 1 -> FieldTable.of("x-message-deduplication", new FieldValue.Bool(true));
      case 2 ->
          FieldTable.of("x-delayed-exchange", new FieldValue.Bool(true))
              .with("x-message-deduplication", new FieldValue.Bool(true));
      default -> FieldTable.EMPTY;
    };
  }

  private QueueSpec queue() {
    return new QueueSpec(queueName(), !chance(3), chance(4), false, arguments());
  }

  private BindingSpec binding() {
    boolean toQueue = !chance(3);
    return new BindingSpec(
        exchangeName(),
        toQueue ? queueName() : exchangeName(),
        toQueue,
        "key." + random.nextInt(2),
        arguments());
  }
}
