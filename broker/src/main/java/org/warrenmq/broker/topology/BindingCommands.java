package org.warrenmq.broker.topology;

import org.warrenmq.broker.topology.TopologyChange.BindingAdded;
import org.warrenmq.broker.topology.TopologyChange.BindingRemoved;
import org.warrenmq.broker.topology.TopologyCommand.Bind;
import org.warrenmq.broker.topology.TopologyCommand.Unbind;
import org.warrenmq.engine.exchange.History;
import org.warrenmq.engine.loop.RoomLoop;
import org.warrenmq.router.Binding;
import org.warrenmq.router.Destination;
import org.warrenmq.router.Exchange;
import org.warrenmq.router.ExchangeRooms;

/**
 * Decides about bindings; what is refused is thrown before anything changed. Lives in the
 * topology's room.
 */
final class BindingCommands {
  private final TopologyRoom room;
  private final QueueHomes homes;
  private final Catalogue catalogue;
  private final Decisions decisions;
  private final TopologyAccount account;

  BindingCommands(
      TopologyRoom room,
      QueueHomes homes,
      Catalogue catalogue,
      Decisions decisions,
      TopologyAccount account) {
    this.room = room;
    this.homes = homes;
    this.catalogue = catalogue;
    this.decisions = decisions;
    this.account = account;
  }

  /**
   * @param done run when it is decided, and what an exchange remembers for who becomes bound is on
   *     its way
   */
  void bind(Bind command, Runnable done) {
    VirtualHost vhost = catalogue.required(command.vhost());
    BindingSpec spec = command.binding();
    ExchangeRules.checkBindable(spec);
    Exchange source = vhost.exchanges().find(spec.source());
    if (source == null) {
      throw Refusal.noExchange(spec.source(), vhost.name());
    }
    Destination destination = vhost.destination(spec);
    if (destination == null) {
      throw spec.toQueue()
          ? Refusal.noQueue(spec.destination(), vhost.name())
          : Refusal.noExchange(spec.destination(), vhost.name());
    }
    Binding binding = new Binding(source, destination, spec.routingKey(), spec.arguments());
    vhost.exchanges().validateBinding(binding);
    checkOpen(destination, command.connection());
    if (vhost.exchanges().bindingsTo(destination).contains(binding)) {
      done.run();
      return;
    }
    account.checkRoom(spec);
    decisions.make(new BindingAdded(vhost.name(), spec, Catalogue.isDurable(binding)));
    ExchangeRooms rooms = source.rooms();
    if (rooms != null && rooms.history() instanceof RoomEntry entry) {
      replay(entry, vhost, destination, done);
    } else {
      done.run();
    }
  }

  private void replay(RoomEntry entry, VirtualHost vhost, Destination to, Runnable done) {
    if (entry.kept() instanceof History history) {
      HistoryRouting receiver = new HistoryRouting(homes.of(entry.room().id()), vhost, to);
      RoomLoop loop = entry.room().loop();
      room.send(loop, () -> history.replay(receiver, () -> loop.send(room, done::run)));
    }
  }

  /** To take away what is not there is fine. */
  void unbind(Unbind command) {
    VirtualHost vhost = catalogue.required(command.vhost());
    BindingSpec spec = command.binding();
    ExchangeRules.checkBindable(spec);
    Exchange source = vhost.exchanges().find(spec.source());
    Destination destination = vhost.destination(spec);
    if (source == null || destination == null) {
      return;
    }
    Binding binding = new Binding(source, destination, spec.routingKey(), spec.arguments());
    if (vhost.exchanges().bindingsTo(destination).contains(binding)) {
      checkOpen(destination, command.connection());
      decisions.make(new BindingRemoved(vhost.name(), spec, Catalogue.isDurable(binding)));
    }
  }

  private static void checkOpen(Destination destination, ConnectionId connection) {
    if (destination instanceof QueueEntry queue && !queue.isOpenTo(connection)) {
      throw Refusal.locked(queue.name(), queue.vhost());
    }
  }
}
