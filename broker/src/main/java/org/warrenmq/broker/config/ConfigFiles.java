package org.warrenmq.broker.config;

import io.vertx.config.ConfigRetriever;
import io.vertx.config.ConfigRetrieverOptions;
import io.vertx.config.ConfigStoreOptions;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * Reads configuration files, those that they include in their place. Made for one reading, and used
 * by one thread.
 */
final class ConfigFiles implements AutoCloseable {
  private static final long LARGEST = 1 << 20;

  /** As many files; also the end of one that includes itself. */
  private static final int MOST = 200;

  private final Vertx vertx = Vertx.vertx();
  private int files;

  /** What a file and those that it includes say, in their order. */
  List<Given> read(Path file) throws StartupException {
    List<Given> given = new ArrayList<>();
    read(file, given);
    return given;
  }

  private void read(Path file, List<Given> given) throws StartupException {
    if (++files > MOST) {
      throw new StartupException(file + ": more than " + MOST + " files, or one includes itself");
    }
    for (FoundEntries.Entry entry : entries(file)) {
      String place = file + ":" + entry.line();
      if (entry.key() == null) {
        for (Path included : included(file, entry.value(), place)) {
          read(included, given);
        }
      } else {
        given.add(new Given(entry.key(), contents(file, entry.value(), place), place));
      }
    }
  }

  private List<FoundEntries.Entry> entries(Path file) throws StartupException {
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      throw new StartupException("cannot read the configuration file " + file);
    }
    try {
      if (Files.size(file) > LARGEST) {
        throw new StartupException(file + ": a configuration file of more than 1 MiB");
      }
      return FoundEntries.of(retrieve(file));
    } catch (ExecutionException e) {
      String cause = e.getCause() == null ? "" : e.getCause().getMessage();
      throw new StartupException(file + ":" + cause, e);
    } catch (IOException | TimeoutException e) {
      throw new StartupException("cannot read the configuration file " + file, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StartupException("interrupted", e);
    }
  }

  private JsonObject retrieve(Path file)
      throws ExecutionException, TimeoutException, InterruptedException {
    ConfigStoreOptions store =
        new ConfigStoreOptions()
            .setType("file")
            .setFormat(ConfigSources.isYaml(file) ? YamlTree.FORMAT : ConfLines.FORMAT)
            .setConfig(new JsonObject().put("path", file.toAbsolutePath().toString()));
    return ConfigRetriever.create(
            vertx, new ConfigRetrieverOptions().setIncludeDefaultStores(false).addStore(store))
        .getConfig()
        .toCompletionStage()
        .toCompletableFuture()
        .get(10, TimeUnit.SECONDS);
  }

  /** Beside the including file, by names with stars, in their order; there may be none. */
  private static List<Path> included(Path by, String names, String place) throws StartupException {
    try {
      Path pattern = beside(by, names);
      Path name = pattern.getFileName();
      return matching(folderOf(pattern), name == null ? "" : name.toString());
    } catch (InvalidPathException e) {
      throw new StartupException(place + ": this is not the name of a file", e);
    }
  }

  /** The files of a folder whose names match, in their order; none where there is no folder. */
  static List<Path> matching(@Nullable Path folder, String names) throws StartupException {
    if (folder == null || !Files.isDirectory(folder)) {
      return List.of();
    }
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, names)) {
      entries.forEach(found::add);
    } catch (NotDirectoryException e) {
      return List.of();
    } catch (IOException | DirectoryIteratorException | PatternSyntaxException e) {
      throw new StartupException("cannot read the folder " + folder + " for " + names, e);
    }
    return found.stream().filter(Files::isRegularFile).sorted().toList();
  }

  /** A value, or the content of the file it names as RabbitMQ's does: {@code $(<FILE)}. */
  private static String contents(Path by, String value, String place) throws StartupException {
    if (!value.startsWith("$(<") || !value.endsWith(")")) {
      return value;
    }
    String name = value.substring(3, value.length() - 1).strip();
    try {
      Path file = beside(by, name);
      if (!Files.isRegularFile(file) || Files.size(file) > LARGEST) {
        throw new StartupException(place + ": cannot read the value from the file " + file);
      }
      return Files.readString(file).replaceFirst("\\R$", "");
    } catch (IOException | InvalidPathException e) {
      throw new StartupException(place + ": cannot read the value from the file " + name, e);
    }
  }

  private static Path beside(Path file, String name) {
    Path folder = folderOf(file);
    return folder == null ? Path.of(name) : folder.resolve(name);
  }

  static @Nullable Path folderOf(Path file) {
    return file.toAbsolutePath().getParent();
  }

  @Override
  public void close() {
    vertx.close();
  }
}
