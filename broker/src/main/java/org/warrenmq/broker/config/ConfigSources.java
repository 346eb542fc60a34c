package org.warrenmq.broker.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a configuration comes from, in the order in which it is read; what comes later wins.
 * Immutable, any thread.
 *
 * @param files rabbitmq.conf, those of conf.d by their names, warren.yaml: as far as they are there
 * @param environment what the process was started with
 * @param notes what else was found, and what of it applies
 */
public record ConfigSources(List<Path> files, Map<String, String> environment, List<String> notes) {
  /** Where RabbitMQ's packages and its image have their files. */
  private static final Path FOLDER = Path.of("/etc/rabbitmq");

  /** What these plug-ins of RabbitMQ do is there without them. */
  private static final Set<String> PART_OF_IT =
      Set.of(
          "rabbitmq_consistent_hash_exchange",
          "rabbitmq_delayed_message_exchange",
          "rabbitmq_random_exchange",
          "rabbitmq_sharding");

  private static final Pattern PLUGIN = Pattern.compile("[a-z][a-z0-9_]*");

  public ConfigSources {
    files = List.copyOf(files);
    environment = Map.copyOf(environment);
    notes = List.copyOf(notes);
  }

  /**
   * Looks for them.
   *
   * @param named a file, or a folder of files; null: what the environment says, or RabbitMQ's
   *     folder
   */
  public static ConfigSources find(@Nullable Path named, Map<String, String> environment)
      throws StartupException {
    return find(named, environment, FOLDER);
  }

  /**
   * @param otherwise where to look if nobody says where
   */
  static ConfigSources find(@Nullable Path named, Map<String, String> environment, Path otherwise)
      throws StartupException {
    try {
      return new Search(environment).in(named, otherwise);
    } catch (InvalidPathException e) {
      throw new StartupException("this is not the name of a file: " + e.getMessage(), e);
    }
  }

  /** Reads all of them. */
  public Configuration read() throws StartupException {
    List<Given> given = new ArrayList<>();
    if (!files.isEmpty()) {
      try (ConfigFiles reading = new ConfigFiles()) {
        for (Path file : files) {
          given.addAll(reading.read(file));
        }
      }
    }
    given.addAll(Environment.given(environment, given));
    return new Configuration(given);
  }

  static boolean isYaml(Path file) {
    return file.toString().endsWith(".yaml") || file.toString().endsWith(".yml");
  }

  /** Builds them up. */
  private static final class Search {
    private final Map<String, String> environment;
    private final List<Path> files = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    Search(Map<String, String> environment) {
      this.environment = environment;
    }

    ConfigSources in(@Nullable Path named, Path otherwise) throws StartupException {
      Path main = named == null ? fromEnvironment() : named;
      Path folder = otherwise;
      if (main != null && !Files.isDirectory(main)) {
        folder = ConfigFiles.folderOf(main);
        files.add(main);
      } else {
        folder = main == null ? otherwise : main;
        addIfThere(folder.resolve("rabbitmq.conf"));
      }
      addMore(folder);
      if (folder != null) {
        addIfThere(folder.resolve("warren.yaml"));
        noteAdvanced(path("RABBITMQ_ADVANCED_CONFIG_FILE", folder.resolve("advanced.config")));
        notePlugins(path("RABBITMQ_ENABLED_PLUGINS_FILE", folder.resolve("enabled_plugins")));
      }
      notes.addAll(Environment.withoutEffect(environment));
      return new ConfigSources(files, environment, notes);
    }

    private Path path(String variable, Path otherwise) {
      String value = environment.get(variable);
      return value == null || value.isEmpty() ? otherwise : Path.of(value);
    }

    /** Its ending need not be given. A file that is not there is none, as to RabbitMQ. */
    private @Nullable Path fromEnvironment() {
      String value = environment.getOrDefault("RABBITMQ_CONFIG_FILE", "");
      if (value.isEmpty()) {
        return null;
      }
      Path exact = Path.of(value);
      Path longer = Path.of(value + ".conf");
      if (!Files.isRegularFile(exact) && Files.isRegularFile(longer)) {
        return longer;
      }
      if (!Files.exists(exact)) {
        notes.add("RABBITMQ_CONFIG_FILE: there is no file " + value);
        return null;
      }
      return exact;
    }

    private void addIfThere(Path file) {
      if (Files.isRegularFile(file) && files.stream().noneMatch(known -> isSame(known, file))) {
        files.add(file);
      }
    }

    private static boolean isSame(Path one, Path other) {
      return one.toAbsolutePath().normalize().equals(other.toAbsolutePath().normalize());
    }

    /** A folder, or names with stars. */
    private void addMore(@Nullable Path folder) throws StartupException {
      String value = environment.getOrDefault("RABBITMQ_CONFIG_FILES", "");
      List<Path> more;
      if (value.isEmpty()) {
        more =
            folder == null ? List.of() : ConfigFiles.matching(folder.resolve("conf.d"), "*.conf");
      } else if (Files.isDirectory(Path.of(value))) {
        more = ConfigFiles.matching(Path.of(value), "*");
      } else {
        Path pattern = Path.of(value);
        more =
            ConfigFiles.matching(
                ConfigFiles.folderOf(pattern), String.valueOf(pattern.getFileName()));
      }
      more.forEach(this::addIfThere);
    }

    private void noteAdvanced(Path file) {
      if (Files.isRegularFile(file)) {
        notes.add(
            file
                + ": nothing of it applies, Erlang terms are not read; set the keys of"
                + " rabbitmq.conf");
      }
    }

    private void notePlugins(Path file) {
      if (!Files.isRegularFile(file)) {
        return;
      }
      try {
        Set<String> plugins = new TreeSet<>();
        PLUGIN
            .matcher(Files.readString(file))
            .results()
            .map(MatchResult::group)
            .forEach(plugins::add);
        Set<String> missing = new TreeSet<>(plugins);
        missing.removeAll(PART_OF_IT);
        plugins.retainAll(PART_OF_IT);
        notes.add(
            "%s: there without a plug-in: %s; not there: %s"
                .formatted(file, named(plugins), named(missing)));
      } catch (IOException e) {
        notes.add(file + ": cannot be read");
      }
    }

    private static String named(Set<String> plugins) {
      return plugins.isEmpty() ? "none" : String.join(", ", plugins);
    }
  }
}
