package org.warrenmq.broker.config;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.warrenmq.broker.config.Setting.Read;
import org.warrenmq.broker.config.Setting.Reader;
import org.warrenmq.broker.config.Setting.WithoutEffect;

/** The page of the documentation about configuration, made of the table. Stateless. */
public final class ConfigurationPage {
  private static final String HEAD =
      """
      # Configuration

      Made by `bin/warren config page` from the table that the broker reads by; do not edit.

      ## Where it comes from

      What comes later wins:

      1. `rabbitmq.conf`: the file that `--config FILE` names, else `RABBITMQ_CONFIG_FILE`, else
         `/etc/rabbitmq/rabbitmq.conf` if it is there. `--config` may also name a folder. A file that ends in
         `.yaml` or `.yml` is read as `warren.yaml`
      2. `conf.d/*.conf` beside it, by their names
      3. `warren.yaml` beside it
      4. the [environment](#environment)
      5. options of the command line

      **rabbitmq.conf** has lines of `key = value`; `#` begins a comment, a value in single quotes is taken as it is,
      of two equal keys the last holds. `include conf/*.conf` reads other files in its place, named from the folder
      of the file; that none is there is no error. `$(<FILE)` as a value is the content of that file. A dot that
      belongs to a name is written `\\.`.

      **warren.yaml** has the same keys as a tree; a list numbers its entries from 1:

      ```yaml
      listeners:
        tcp: ["127.0.0.1:5672", "[::1]:5672"]
      heartbeat: 30
      vm_memory_high_watermark.relative: 0.5
      warren:
        durability: sync
      ```

      **Errors** stop the start with exit code 1 and one line: file, line, key, value, what was expected, or the key
      that comes nearest to one that does not exist. A key that RabbitMQ knows and that has no effect here is named in
      the log with the reason, and the broker starts. `advanced.config` and `enabled_plugins` beside the file are
      named in the log with what of them applies.

      **Looking before starting**: `bin/warren config check` says all that is wrong (exit code 1) and all that has no
      effect; `bin/warren config show` prints what would hold, and where it comes from, without passwords. Both take
      `--config`.

      **Changing**: SIGHUP makes a running broker read everything again. What is marked *reload* holds at once, or
      for connections opened from then on; what needs a restart is named in the log. A configuration with an error
      changes nothing.
      """;

  private static final String ENVIRONMENT =
      """

      ## Environment

      | Variable | Sets |
      |---|---|
      """;

  private static final String IN_VAIN =
      """

      Without effect, which the log says when they are set:

      | Variable | Why |
      |---|---|
      """;

  private static final String WITHOUT_EFFECT =
      """

      ## Keys of RabbitMQ without effect

      They are checked, and named in the log. `$name` stands for any name.
      """;

  private final StringBuilder page = new StringBuilder(HEAD);

  private ConfigurationPage() {}

  /** The whole page. */
  public static String text() {
    ConfigurationPage made = new ConfigurationPage();
    for (Reader reader : Reader.values()) {
      made.section(reader);
    }
    made.environment();
    made.withoutEffect();
    return made.page.toString();
  }

  private void section(Reader reader) {
    page.append("\n## ").append(reader.title()).append("\n\n");
    page.append("| Key | Value | Default | Changes by | Meaning |\n|---|---|---|---|---|\n");
    for (Setting<?> setting : Settings.TABLE) {
      if (setting.effect() instanceof Read read && read.reader() == reader) {
        row(
            "`" + setting.key() + "`",
            setting.type().expected(),
            byDefault(read),
            read.reload().shown(),
            read.meaning());
      }
    }
  }

  private static String byDefault(Read read) {
    return read.byDefault().isEmpty() || read.byDefault().contains(" ")
        ? read.byDefault()
        : "`" + read.byDefault() + "`";
  }

  private void environment() {
    page.append(ENVIRONMENT);
    Map<String, String> sets = new TreeMap<>(Environment.RULES);
    Environment.KEYS.forEach(
        (variable, setting) -> sets.put(variable, "`" + setting.key() + "`, over files"));
    sets.forEach((variable, meaning) -> row("`" + variable + "`", meaning));
    page.append(IN_VAIN);
    new TreeMap<>(Environment.WITHOUT_EFFECT).forEach((name, why) -> row("`" + name + "`", why));
  }

  private void withoutEffect() {
    page.append(WITHOUT_EFFECT);
    String last = "";
    for (Setting<?> setting : new KnownKeys().withoutEffect()) {
      if (setting.effect() instanceof WithoutEffect(String why)) {
        if (!why.equals(last)) {
          page.append("\n**").append(why).append("**\n\n");
          last = why;
        }
        page.append("- `").append(setting.key()).append("`\n");
      }
    }
  }

  private void row(String... cells) {
    page.append("| ").append(String.join(" | ", List.of(cells))).append(" |\n");
  }
}
