package org.warrenmq.admin.node;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a document of definitions changes on a node, by the same commands as everybody's. Its caller
 * is an administrator: permissions are not asked for. On threads that may wait.
 */
public interface DefinitionCommands {
  /**
   * Carries some of them out, one after the other; returns when all of it lasts.
   *
   * @param some which do not build on one another
   * @return for each why it was refused; null where it is as it is asked for
   */
  List<@Nullable String> carryOut(List<Definition> some);

  /** What is wrong with one, whatever there is; null for nothing. Does not wait. */
  @Nullable String fault(Definition definition);

  /** What of it is kept and does nothing so far, by name. Does not wait. */
  List<String> withoutEffect(Definition definition);

  /** Whether that is the password of a user. Does not wait. */
  boolean isPassword(String user, String password);
}
