package org.warrenmq.broker.topology;

import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.warrenmq.broker.topology.TopologyChange.ParameterRemoved;
import org.warrenmq.broker.topology.TopologyChange.ParameterSet;
import org.warrenmq.broker.topology.TopologyCommand.ClearParameter;
import org.warrenmq.broker.topology.TopologyCommand.ParameterCommand;
import org.warrenmq.broker.topology.TopologyCommand.SetParameter;
import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.ReplyCode;
import org.warrenmq.codec.WireString;

/**
 * Decides about parameters; what is refused is thrown before anything changed. Lives in the
 * topology's room.
 */
final class ParameterCommands {
  private static final Logger log = LoggerFactory.getLogger(ParameterCommands.class);

  /** Characters of a value. */
  private static final int MOST = 64 * 1024;

  private final Catalogue catalogue;
  private final Decisions decisions;
  private final TopologyAccount account;

  ParameterCommands(Catalogue catalogue, Decisions decisions, TopologyAccount account) {
    this.catalogue = catalogue;
    this.decisions = decisions;
    this.account = account;
  }

  void carryOut(ParameterCommand command) {
    Parameter.Key key = command.key();
    checkVhost(key);
    switch (command) {
      case SetParameter set -> {
        check(set);
        account.checkRoom(new Parameter(key, set.json()));
        decisions.make(new ParameterSet(key, set.json()));
        log.info(
            "parameter '{}' of '{}' in '{}' was set", key.name(), key.component(), key.vhost());
      }
      case ClearParameter _ -> {
        decisions.make(new ParameterRemoved(key));
        log.info(
            "parameter '{}' of '{}' in '{}' was cleared", key.name(), key.component(), key.vhost());
      }
    }
  }

  private void checkVhost(Parameter.Key key) {
    if (!key.isGlobal()) {
      VirtualHost vhost = catalogue.vhost(key.vhost());
      if (vhost == null || vhost.isDeleted()) {
        throw Refusal.noVhost(key.vhost());
      }
    }
  }

  private static void check(SetParameter set) {
    Parameter.Key key = set.key();
    List<String> names = Stream.of(key.component(), key.name()).toList();
    if (key.name().isEmpty()
        || names.stream().anyMatch(n -> WireString.encodedLength(n) > WireString.MAX_SHORT)) {
      throw refused("a parameter's name has 1 to " + WireString.MAX_SHORT + " octets");
    }
    if (set.json().length() > MOST) {
      throw refused("a parameter has at most " + MOST + " characters");
    }
  }

  private static ChannelError refused(String explanation) {
    return new ChannelError(ReplyCode.PRECONDITION_FAILED, explanation);
  }
}
