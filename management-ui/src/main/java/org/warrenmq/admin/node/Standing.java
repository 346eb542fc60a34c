package org.warrenmq.admin.node;

/**
 * What the node knows of somebody who has logged in; it gets it back with whatever they ask for.
 */
public interface Standing {
  /** Of who owns the data folder: everything is theirs. */
  Standing OWNER = vhost -> true;

  /**
   * Whether they have permissions in a virtual host, which need not exist. Asked on threads that
   * may wait.
   */
  boolean mayEnter(String vhost);
}
