package org.warrenmq.conformance.crash;

import java.nio.file.Path;
import org.warrenmq.engine.message.DiskMessageStore;
import org.warrenmq.store.Store;
import org.warrenmq.store.StoreException;
import org.warrenmq.store.StoreOptions;
import org.warrenmq.store.StoreVerifier;

/**
 * What {@code bin/warren verify} says of a data folder, without a process of its own; immutable.
 *
 * @param isSound whether it opens and everything in it is in order
 * @param messages how many it holds
 * @param text why it is refused, or what is wrong with it
 */
record Verdict(boolean isSound, long messages, String text) {

  static Verdict of(Path data) {
    if (!Store.isIn(data)) {
      return new Verdict(false, 0, "no store");
    }
    try (Store store =
        Store.open(data, StoreOptions.defaults(), DiskMessageStore.bodySize(), _ -> {})) {
      store.recover();
      StoreVerifier.Report report = store.verify();
      return new Verdict(report.isSound(), report.messages(), String.join("; ", report.problems()));
    } catch (StoreException e) {
      return new Verdict(false, 0, String.valueOf(e.getMessage()));
    }
  }
}
