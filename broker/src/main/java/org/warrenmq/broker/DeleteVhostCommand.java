package org.warrenmq.broker;

import java.util.concurrent.Callable;
import org.warrenmq.admin.local.LocalApi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code warren delete_vhost NAME}: asks a running broker to delete a virtual host. */
@Command(
    name = "delete_vhost",
    mixinStandardHelpOptions = true,
    description = {
      "Deletes a virtual host of a running broker, with its exchanges, queues and messages.",
      "Connections to it are closed."
    },
    versionProvider = Main.Version.class)
final class DeleteVhostCommand implements Callable<Integer> {
  @Mixin private RunningBroker broker = new RunningBroker();

  @Parameters(paramLabel = "NAME", description = "of the virtual host")
  private String name = "";

  @Override
  public Integer call() {
    return broker.talk(
        api -> {
          LocalApi.Answer answer = api.delete(LocalApi.path("vhosts", name));
          if (answer.status() == 404) {
            throw new RunningBroker.Refused("no vhost '" + name + "'");
          }
          RunningBroker.good(answer);
          return "vhost '" + name + "' is gone";
        });
  }
}
