package org.warrenmq.broker.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Whether and where logins and changes are taken down. Immutable, any thread.
 *
 * @param folder null: the data folder
 * @param fileSize bytes after which there is a new file, about
 * @param files how many are kept beside the one that is written, at least 1
 */
public record AuditConfig(boolean enabled, @Nullable Path folder, long fileSize, int files) {
  /** What holds where nothing is set. */
  public static final AuditConfig DEFAULTS = new AuditConfig(true, null, 10_000_000, 5);
}
