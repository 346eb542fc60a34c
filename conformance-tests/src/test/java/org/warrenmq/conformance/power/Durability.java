package org.warrenmq.conformance.power;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.warrenmq.conformance.BrokerProcess.Launch;

/** What confirms wait for: the setting {@code warren.durability}. */
enum Durability {
  SYNC,
  BUFFERED;

  /** With little memory for the store, so that it writes tables during a short load. */
  Launch launch(Path data, Workshop workshop) throws Exception {
    Path config = workshop.folder.resolve(name() + ".conf");
    String durability = name().toLowerCase(java.util.Locale.ROOT);
    Files.writeString(
        config, "warren.store_memory = 16MiB\nwarren.durability = " + durability + "\n");
    return new Launch(data, "-Xmx512m", List.of("--config", config.toString()), Map.of());
  }
}
