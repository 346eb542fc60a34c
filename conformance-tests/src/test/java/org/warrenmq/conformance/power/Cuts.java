package org.warrenmq.conformance.power;

import java.nio.file.Path;
import org.warrenmq.conformance.BrokerProcess.Launch;
import org.warrenmq.conformance.power.PowerCheck.Claims;
import org.warrenmq.conformance.power.Replay.Cut;

/**
 * Has the power go at a moment of a log, and what is left looked at. Used by the test thread.
 *
 * @param durability of the brokers that are started there
 * @param check notes what is wrong
 */
record Cuts(Workshop workshop, FileSystem fileSystem, Durability durability, PowerCheck check) {

  /** At the data folder of a load, by its books. */
  void look(Replay replay, Cut cut, LoadedDisk loaded) throws Exception {
    long time = replay.time(cut.entry());
    look(replay, cut, LoadedDisk.DATA, claims(loaded, time, time));
  }

  /** At the backup that was made meanwhile, of some moment while it was. */
  void lookAtCopy(Replay replay, Cut cut, LoadedDisk loaded) throws Exception {
    look(replay, cut, LoadedDisk.COPY, claims(loaded, loaded.copying, loaded.copied));
  }

  /** What was answered until a moment between two times. */
  Claims claims(LoadedDisk loaded, long from, long to) {
    return broker -> loaded.books.compare(broker, from, to);
  }

  /** At one folder of the disk. */
  void look(Replay replay, Cut cut, String folder, Claims claims) throws Exception {
    Path image = workshop.folder.resolve("cut.image");
    String volatileThen = replay.cut(cut, image);
    try (Volume volume = Volume.mount(fileSystem, image, workshop.folder.resolve("cut.mount"))) {
      check.look(
          "%s on %s [%s]".formatted(cut, fileSystem, volatileThen),
          launch(volume.at().resolve(folder)),
          claims);
    }
  }

  Launch launch(Path data) throws Exception {
    return durability.launch(data, workshop);
  }
}
