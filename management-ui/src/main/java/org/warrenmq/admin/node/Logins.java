package org.warrenmq.admin.node;

import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CompletionStage;

/** Says who somebody is, and how often it was asked. */
public interface Logins {
  /** How a login went. */
  sealed interface Login {
    record Granted(Caller caller) implements Login {}

    /** Name or password are not right, or nobody could say. */
    record Refused() implements Login {}

    /** They are, but the user may come from this machine only. */
    record NotFromThere() implements Login {}
  }

  /**
   * Tries a name and a password. Asked on an event loop; the answer comes at once or later, on any
   * thread.
   */
  CompletionStage<Login> login(String name, String password, InetSocketAddress from);

  /** How many there were, by protocol. */
  List<LoginCount> counts();

  /** How many there were lately, by user and address. */
  List<LoginCount> sources();

  /** Counts anew. */
  void forgetCounts();

  /** Counts anew by user and address. */
  void forgetSources();
}
