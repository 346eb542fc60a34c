package org.warrenmq.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

/** Policies and parameters as rabbitmqctl sets, clears and lists them. On the test thread. */
class PolicyVerbsTest extends PolicyTest {

  @Test
  void policiesAreListed() throws Exception {
    String vhost = newVhost();
    control(
        "set_policy",
        "-p",
        vhost,
        "--priority",
        "4",
        "--apply-to",
        "queues",
        "first",
        "^q.*",
        "{\"max-length\": 5, \"expires\": 60000}");
    control("set_policy", "-p", vhost, "second", "", "{\"alternate-exchange\": \"ä\"}");
    control("set_operator_policy", "-p", vhost, "third", "x", "{\"message-ttl\": 5}");
    assertThat(control("list_policies", "-p", vhost).lines())
        .contains(
            vhost + "\tfirst\t^q.*\tqueues\t{\"expires\":60000,\"max-length\":5}\t4",
            vhost + "\tsecond\t\tall\t{\"alternate-exchange\":\"ä\"}\t0")
        .noneMatch(line -> line.contains("third"));
    assertThat(control("list_operator_policies", "-p", vhost).lines())
        .contains(vhost + "\tthird\tx\tall\t{\"message-ttl\":5}\t0")
        .noneMatch(line -> line.contains("first"));
    control("clear_policy", "-p", vhost, "first");
    control("clear_operator_policy", "-p", vhost, "third");
    assertThat(control("list_policies", "-p", vhost)).contains("second").doesNotContain("first");
    assertThat(control("list_operator_policies", "-p", vhost)).doesNotContain("third");
  }

  @Test
  void whatCannotBeIsRefused() throws Exception {
    expectRefusal(
        "{\"max-lengh\": 1}", "[{<<\"max-lengh\">>,1}] are not recognised policy settings");
    expectRefusal("{\"max-length\": \"1\"}", "<<\"1\">> is not a valid maximum length");
    expectRefusal("{}", "no policy provided");
    expectRefusal("{", "Could not parse JSON document");
    String vhost = broker.vhost();
    assertThatThrownBy(() -> control("set_policy", "-p", vhost, "p", "(", "{\"max-length\": 1}"))
        .hasMessageContaining("pattern should be regular expression but is invalid");
    assertThatThrownBy(
            () ->
                control(
                    "set_policy",
                    "-p",
                    vhost,
                    "--apply-to",
                    "everything",
                    "p",
                    "x",
                    "{\"max-length\": 1}"))
        .hasMessageContaining("apply-to 'everything' unrecognised");
    assertThatThrownBy(
            () ->
                control(
                    "set_operator_policy",
                    "-p",
                    vhost,
                    "p",
                    "x",
                    "{\"dead-letter-exchange\": \"x\"}"))
        .hasMessageContaining(
            "[{<<\"dead-letter-exchange\">>,<<\"x\">>}] are not recognised policy settings");
    assertThatThrownBy(() -> control("clear_policy", "-p", vhost, uniqueName("p")))
        .hasMessageContaining("Parameter does not exist");
    assertThat(control("list_policies", "-p", vhost)).doesNotContain("max-lengh", "everything");
  }

  @Test
  void policiesGoWithTheirVirtualHost() throws Exception {
    String vhost = newVhost();
    control("set_policy", "-p", vhost, "p", "", "{\"max-length\": 1}");
    control("set_operator_policy", "-p", vhost, "o", "", "{\"max-length\": 1}");
    control("set_parameter", "-p", vhost, "vhost-limits", "limits", "{\"max-queues\": 5}");
    control("delete_vhost", vhost);
    control("add_vhost", vhost);
    assertThat(control("list_policies", "-p", vhost)).doesNotContain("max-length");
    assertThat(control("list_operator_policies", "-p", vhost)).doesNotContain("max-length");
    assertThat(control("list_parameters", "-p", vhost)).doesNotContain("max-queues");
  }

  @Test
  void parameters() throws Exception {
    String vhost = newVhost();
    control("set_parameter", "-p", vhost, "vhost-limits", "limits", "{\"max-queues\": 5}");
    assertThat(control("list_parameters", "-p", vhost).lines())
        .contains("vhost-limits\tlimits\t{\"max-queues\":5}");
    control("clear_parameter", "-p", vhost, "vhost-limits", "limits");
    assertThat(control("list_parameters", "-p", vhost)).doesNotContain("max-queues");
    assertThatThrownBy(() -> control("set_parameter", "-p", vhost, "nobody", "x", "{}"))
        .hasMessageContaining("component nobody not found");
    assertThatThrownBy(() -> control("set_parameter", "-p", vhost, "policy", "x", "{}"))
        .hasMessageContaining("policies may not be set using this method");
    assertThatThrownBy(() -> control("clear_parameter", "-p", vhost, "nobody", "x"))
        .hasMessageContaining("Parameter does not exist");
  }

  @Test
  void globalParameters() throws Exception {
    String name = uniqueName("global");
    control("set_global_parameter", name, "{\"x\": [1, 2.5, null, true, \"y\"]}");
    assertThat(control("list_global_parameters").lines())
        .contains(name + "\t{\"x\":[1,2.5,null,true,\"y\"]}");
    control("set_global_parameter", name, "5");
    assertThat(control("list_global_parameters").lines()).contains(name + "\t5");
    control("clear_global_parameter", name);
    assertThat(control("list_global_parameters")).doesNotContain(name);
    assertThatThrownBy(() -> control("clear_global_parameter", name))
        .hasMessageContaining("Parameter does not exist");
  }
}
