package org.warrenmq.broker;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.admin.definitions.DefinitionDocument;
import org.warrenmq.admin.definitions.DefinitionExport;
import org.warrenmq.admin.definitions.DefinitionFault;
import org.warrenmq.admin.definitions.DefinitionImport;
import org.warrenmq.admin.definitions.ImportReport;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.admin.node.NodeCommands;
import org.warrenmq.admin.node.NodeView;
import org.warrenmq.broker.config.BrokerConfig;
import org.warrenmq.broker.config.StartupException;
import org.warrenmq.codec.FieldValue;

/** The definitions that a start imports. Read and loaded by the node's main thread. */
final class StartDefinitions {
  private static final Logger log = LoggerFactory.getLogger(StartDefinitions.class);

  private static final String EXTENSION = ".json";

  private final List<Path> files;
  private final boolean skipIfUnchanged;
  private final boolean bringUsers;
  private final boolean bringVhosts;

  /**
   * Reads them, before anything else is done.
   *
   * @param configured null for none
   * @throws StartupException when something in them is wrong, whatever there is
   */
  StartDefinitions(BrokerConfig.@Nullable Definitions configured) throws StartupException {
    files = configured == null ? List.of() : files(configured.path());
    skipIfUnchanged = configured != null && configured.skipIfUnchanged();
    boolean users = false;
    boolean vhosts = false;
    try {
      for (Path file : files) {
        DefinitionDocument.Contents contents = DefinitionDocument.in(file).contents();
        users |= contents.hasUsers();
        vhosts |= contents.hasVhosts();
      }
    } catch (DefinitionFault e) {
      throw new StartupException(String.valueOf(e.getMessage()), e);
    }
    bringUsers = users;
    bringVhosts = vhosts;
  }

  private static List<Path> files(Path path) throws StartupException {
    List<Path> files = Files.isDirectory(path) ? inside(path) : List.of(path);
    for (Path file : files) {
      // Whatever else there is can be read once, or never ends.
      if (Files.exists(file) && !Files.isRegularFile(file)) {
        throw new StartupException("load_definitions = %s: it is not a file".formatted(file));
      }
    }
    return files;
  }

  private static List<Path> inside(Path folder) throws StartupException {
    try (Stream<Path> inside = Files.list(folder)) {
      return inside.filter(file -> file.toString().endsWith(EXTENSION)).sorted().toList();
    } catch (IOException e) {
      throw new StartupException("load_definitions = %s: %s".formatted(folder, e.getMessage()), e);
    }
  }

  /** Whether a new data folder needs no first user. */
  boolean bringUsers() {
    return bringUsers;
  }

  /** Whether it needs no first virtual host. */
  boolean bringVhosts() {
    return bringVhosts;
  }

  /**
   * Imports them; returns when all of it lasts.
   *
   * @throws StartupException when something refers to what is not there: what came from files
   *     before that stays
   */
  void load(NodeView view, NodeCommands commands) throws StartupException {
    if (files.isEmpty()) {
      return;
    }
    if (!skipIfUnchanged) {
      loadAll(view, commands);
      return;
    }
    FieldValue hash = FieldValue.of(hash());
    Facts.Parameter before = view.parameter(null, "", DefinitionExport.IMPORTED_HASH);
    if (before != null && before.value().equals(hash)) {
      log.info("definitions are the same as at the last start: not imported again");
      return;
    }
    loadAll(view, commands);
    commands.setParameter(new Facts.Parameter(null, "", DefinitionExport.IMPORTED_HASH, hash));
  }

  private void loadAll(NodeView view, NodeCommands commands) throws StartupException {
    for (Path file : files) {
      load(file, view, commands);
    }
  }

  private static void load(Path file, NodeView view, NodeCommands commands)
      throws StartupException {
    try {
      ImportReport report =
          new DefinitionImport(DefinitionDocument.in(file), null, view, commands.definitions())
              .run(false);
      report.refused().forEach(remark -> log.warn("{}: not imported: {}", file, remark));
      report.withoutEffect().forEach(remark -> log.info("{}: {}", file, remark));
      log.info(
          "definitions of {} are imported: {} changes, {} refused",
          file,
          report.changes(),
          report.refusedCount());
    } catch (DefinitionFault e) {
      throw new StartupException(String.valueOf(e.getMessage()), e);
    }
  }

  /** Of all files, with their names. */
  private String hash() throws StartupException {
    List<String> hashes = new ArrayList<>();
    try {
      for (Path file : files) {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
          in.transferTo(OutputStream.nullOutputStream());
        }
        hashes.add(file.getFileName() + " " + HexFormat.of().formatHex(digest.digest()));
      }
      return String.join(", ", hashes);
    } catch (IOException e) {
      throw new StartupException("definitions cannot be read: " + e.getMessage(), e);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
