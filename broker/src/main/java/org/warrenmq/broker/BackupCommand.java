package org.warrenmq.broker;

import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code warren backup DIR}: asks a running broker for a copy of its data. */
@Command(
    name = "backup",
    mixinStandardHelpOptions = true,
    description = {
      "Copies what a running broker holds into a new folder, while it goes on.",
      "To restore, start a broker on the copy."
    },
    versionProvider = Main.Version.class)
final class BackupCommand implements Callable<Integer> {
  @Mixin private RunningBroker broker = new RunningBroker();

  @Parameters(paramLabel = "DIR", description = "folder for the copy; must not exist")
  private Path target = Path.of("backup");

  @Override
  public Integer call() {
    String folder = target.toAbsolutePath().toString();
    return broker.talk(
        api -> {
          RunningBroker.good(api.post("/warren/backup", new JsonObject().put("folder", folder)));
          return "copied to " + folder;
        });
  }
}
