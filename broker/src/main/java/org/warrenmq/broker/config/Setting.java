package org.warrenmq.broker.config;

/**
 * A row of the table of all that can be set: a key, what its value may be, and what it does.
 * Immutable, any thread.
 *
 * @param key as in rabbitmq.conf; {@code $name} stands for any one part
 * @param <T> what its value is
 */
public record Setting<T>(String key, ValueType<T> type, Effect effect) {
  /** What a key does. */
  public sealed interface Effect {}

  /**
   * It sets something.
   *
   * @param reader who reads it
   * @param byDefault what holds where it is not set
   * @param reload whether a running broker takes another value
   * @param meaning one sentence of the documentation
   */
  public record Read(Reader reader, String byDefault, Reload reload, String meaning)
      implements Effect {}

  /**
   * RabbitMQ knows it, and nothing here does.
   *
   * @param why in a few words
   */
  public record WithoutEffect(String why) implements Effect {}

  /**
   * A row that sets something.
   *
   * @param byDefault what holds where it is not set; empty: nothing, or what the meaning says
   */
  static <T> Setting<T> of(
      String key,
      ValueType<T> type,
      Reader reader,
      String byDefault,
      Reload reload,
      String meaning) {
    return new Setting<>(key, type, new Read(reader, byDefault, reload, meaning));
  }

  /** Who reads a setting, as the documentation's headings say it. */
  public enum Reader {
    LISTENERS("Listeners"),
    TLS("TLS"),
    CONNECTIONS("Connections"),
    USERS("The user"),
    DEFINITIONS("Definitions"),
    NEW_VHOSTS("New virtual hosts"),
    LOGINS("Logins"),
    BACKENDS("Who says who may log in"),
    QUEUES("Queues and messages"),
    MEMORY_AND_DISK("Memory and disk"),
    NODE("The node");

    private final String title;

    Reader(String title) {
      this.title = title;
    }

    /** The heading. */
    public String title() {
      return title;
    }
  }

  /** When another value holds. */
  public enum Reload {
    /** After a restart. */
    RESTART("restart"),
    /** At once after SIGHUP. */
    NOW("reload"),
    /** After SIGHUP, for connections opened from then on. */
    NEW_CONNECTIONS("reload, new connections");

    private final String shown;

    Reload(String shown) {
      this.shown = shown;
    }

    /** As the documentation says it. */
    public String shown() {
      return shown;
    }
  }

  /** A value as everybody may see it. */
  public String shown(String value) {
    return type.isSecret() ? "…" : value;
  }

  /** Whether a running broker takes another value. */
  public boolean isReloadable() {
    return effect instanceof Read read && read.reload() != Reload.RESTART;
  }
}
