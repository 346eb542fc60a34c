package org.warrenmq.broker.config;

import static org.warrenmq.broker.config.Setting.Reload.RESTART;
import static org.warrenmq.broker.config.Setting.of;

import java.nio.file.Path;
import java.util.List;
import org.warrenmq.broker.config.Setting.Reader;
import org.warrenmq.broker.config.ValueType.File;
import org.warrenmq.broker.config.ValueType.Flag;

/**
 * The part of the table about definitions that a start imports; see {@link Settings}. Immutable.
 */
final class DefinitionSettings {
  static final Setting<Path> LOAD =
      of(
          "load_definitions",
          new File(),
          Reader.DEFINITIONS,
          "",
          RESTART,
          "a file of [definitions](definitions.md), or a folder of files `*.json`, imported at each"
              + " start before clients are let in");
  static final Setting<Path> MANAGEMENT =
      of("management.load_definitions", new File(), Reader.DEFINITIONS, "", RESTART, "the same");
  static final Setting<Path> LOCAL =
      of(
          "definitions.local.path",
          new File(),
          Reader.DEFINITIONS,
          "",
          RESTART,
          "the same; of several of these keys the first one holds");
  static final Setting<String> BACKEND =
      of(
          "definitions.import_backend",
          ValueType.Any.of("local_filesystem | local"),
          Reader.DEFINITIONS,
          "local_filesystem",
          RESTART,
          "where they come from: files alone, so far");
  static final Setting<Boolean> SKIP =
      of(
          "definitions.skip_if_unchanged",
          new Flag(),
          Reader.DEFINITIONS,
          "false",
          RESTART,
          "`true`: not imported again as long as the files are the same; what was changed since"
              + " then stays changed");

  static final List<Setting<?>> TABLE = List.of(LOAD, LOCAL, MANAGEMENT, BACKEND, SKIP);

  private DefinitionSettings() {}
}
