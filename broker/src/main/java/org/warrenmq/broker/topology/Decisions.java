package org.warrenmq.broker.topology;

import java.util.function.Consumer;
import org.warrenmq.broker.topology.TopologyChange.Addition;
import org.warrenmq.broker.topology.TopologyChange.Deletion;
import org.warrenmq.engine.exchange.ExchangeRoom;
import org.warrenmq.engine.loop.Mail;
import org.warrenmq.engine.loop.ReplyTo;
import org.warrenmq.engine.loop.Room;

/**
 * The one path of what was decided: written down, made true in the {@link Catalogue}, and answered
 * when it lasts. Lives in the topology's room.
 */
final class Decisions {
  private final Catalogue catalogue;
  private final DefinitionJournal journal;
  private Consumer<TopologyChange> follower = _ -> {};

  Decisions(Catalogue catalogue, DefinitionJournal journal) {
    this.catalogue = catalogue;
    this.journal = journal;
  }

  /** Tells somebody of every change, in order, before it is made. */
  void follow(Consumer<TopologyChange> somebody) {
    follower = somebody;
  }

  void make(TopologyChange change) {
    follower.accept(change);
    switch (change) {
      case Addition addition -> {
        journal.write(addition);
        catalogue.apply(addition);
      }
      case Deletion deletion -> {
        catalogue.apply(deletion).forEach(journal::write);
        // When no start finds the exchange any more, nothing can come back of what it kept.
        for (ExchangeRoom room : catalogue.takeEnded()) {
          tell(room.address().loop(), room::end);
        }
      }
    }
  }

  void answer(TopologyRequest request, TopologyReply answer) {
    ReplyTo<TopologyReply> reply = request.reply();
    tell(reply.room(), reply.with(answer));
  }

  /** Sends mail once everything before it lasts. */
  void tell(Room target, Mail mail) {
    journal.answer(target, mail);
  }
}
