package org.warrenmq.broker;

import io.vertx.core.json.JsonObject;
import java.util.concurrent.Callable;
import org.warrenmq.admin.local.LocalApi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code warren add_vhost NAME}: asks a running broker for a virtual host. */
@Command(
    name = "add_vhost",
    mixinStandardHelpOptions = true,
    description = "Creates a virtual host of a running broker, unless it is there.",
    versionProvider = Main.Version.class)
final class AddVhostCommand implements Callable<Integer> {
  @Mixin private RunningBroker broker = new RunningBroker();

  @Parameters(paramLabel = "NAME", description = "of the virtual host")
  private String name = "";

  @Override
  public Integer call() {
    return broker.talk(
        api -> {
          RunningBroker.good(api.put(LocalApi.path("vhosts", name), new JsonObject()));
          return "vhost '" + name + "' is there";
        });
  }
}
