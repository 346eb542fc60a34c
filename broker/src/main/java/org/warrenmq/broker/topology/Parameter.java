package org.warrenmq.broker.topology;

/**
 * Something that is kept by name for others, who alone know what it means. Immutable.
 *
 * @param json its value
 */
public record Parameter(Key key, String json) {
  /**
   * What it is found by.
   *
   * @param vhost empty for one of the whole node
   * @param isGlobal whether it is one of the whole node
   * @param component who it is for; empty for one of the whole node
   */
  public record Key(String vhost, boolean isGlobal, String component, String name) {
    /** Of a parameter of the whole node. */
    public static Key global(String name) {
      return new Key("", true, "", name);
    }

    /** Of one in a virtual host. */
    public static Key in(String vhost, String component, String name) {
      return new Key(vhost, false, component, name);
    }
  }
}
