package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;

/**
 * What the tests of policies have in common, used by the test thread only: policies of the default
 * virtual host that are cleared after the test. Who is told of a change may go by it a little
 * later, on RabbitMQ, than that is answered.
 */
abstract class PolicyTest extends AccountTest {
  private final List<String> policies = new ArrayList<>();
  private final List<String> operatorPolicies = new ArrayList<>();

  @AfterEach
  void clearPolicies() throws Exception {
    for (String name : List.copyOf(policies)) {
      clear(name);
    }
    for (String name : List.copyOf(operatorPolicies)) {
      clearOperator(name);
    }
  }

  /** A fresh policy for one name. */
  final String policy(String subject, String definition, String... options) throws Exception {
    String name = uniqueName("p");
    set(name, subject, definition, options);
    return name;
  }

  /** Sets a policy once more, or for the first time. */
  final void set(String name, String subject, String definition, String... options)
      throws Exception {
    control(words("set_policy", name, subject, definition, options));
    if (!policies.contains(name)) {
      policies.add(name);
    }
  }

  final void clear(String name) throws Exception {
    policies.remove(name);
    control("clear_policy", "-p", broker.vhost(), name);
  }

  final String operatorPolicy(String subject, String definition) throws Exception {
    String name = uniqueName("o");
    control(words("set_operator_policy", name, subject, definition));
    operatorPolicies.add(name);
    return name;
  }

  final void clearOperator(String name) throws Exception {
    operatorPolicies.remove(name);
    control("clear_operator_policy", "-p", broker.vhost(), name);
  }

  private String[] words(
      String verb, String name, String subject, String definition, String... options) {
    List<String> words = new ArrayList<>(List.of(verb, "-p", broker.vhost()));
    words.addAll(List.of(options));
    words.addAll(List.of(name, "^" + subject.replace(".", "\\.") + "$", definition));
    return words.toArray(String[]::new);
  }

  /** What is wrong with a definition is told so. */
  final void expectRefusal(String definition, String text) {
    assertThatThrownBy(() -> policy("x", definition))
        .satisfies(e -> assertThat(e.getMessage().replaceAll("\\s+", " ")).contains(text));
  }

  /** Publishes until the queue has room for so many messages and no more. */
  final void awaitRoomFor(String queue, int count) {
    await(
        "room for " + count + " in " + queue,
        () -> {
          channel().queuePurge(queue);
          fill(queue, count + 1);
          return ready(queue) == count;
        });
  }
}
