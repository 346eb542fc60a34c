package org.warrenmq.admin.definitions;

import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The lists that a document has, in the order in which they are imported. */
enum Section {
  USERS(false),
  VHOSTS(false),
  PERMISSIONS(false),
  TOPIC_PERMISSIONS(false),
  PARAMETERS(true),
  GLOBAL_PARAMETERS(false),
  POLICIES(true),
  QUEUES(true),
  EXCHANGES(true),
  BINDINGS(true);

  private final boolean isOfVhost;

  /**
   * @param isOfVhost whether it is a part of the document of one virtual host, too
   */
  Section(boolean isOfVhost) {
    this.isOfVhost = isOfVhost;
  }

  /** Its key in a document. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The one with a key; null when that is none of a list. */
  static @Nullable Section of(String key) {
    return Arrays.stream(values())
        .filter(section -> section.key().equals(key))
        .findFirst()
        .orElse(null);
  }

  /**
   * Whether it counts in an import.
   *
   * @param vhost the one virtual host that is imported; null for all
   */
  boolean countsIn(@Nullable String vhost) {
    return vhost == null || isOfVhost;
  }
}
