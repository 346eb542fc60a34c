package org.warrenmq.router;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;

/** An exchange table with queues beside it, and short ways to use both. */
final class TestVhost {
  final ExchangeTable table = new ExchangeTable("/", ExchangeTypes.load());
  final Map<String, TestQueue> queues = new ConcurrentHashMap<>();
  final Router router = new Router();
  final RouteResult result = new RouteResult();

  static ExchangeSpec spec(String name, String type, boolean autoDelete, FieldTable arguments) {
    return new ExchangeSpec("/", name, type, false, autoDelete, false, arguments);
  }

  static FieldTable alternate(String name) {
    return FieldTable.of("alternate-exchange", FieldValue.of(name));
  }

  Exchange exchange(String name, String type) {
    return table.declare(spec(name, type, false, FieldTable.EMPTY));
  }

  Exchange exchange(String name, String type, String alternate) {
    return table.declare(spec(name, type, false, alternate(alternate)));
  }

  Exchange autoDelete(String name) {
    return table.declare(spec(name, "fanout", true, FieldTable.EMPTY));
  }

  TestQueue queue(String name) {
    return queues.computeIfAbsent(name, TestQueue::new);
  }

  Binding bind(Exchange source, Destination destination, String key) {
    return bind(source, destination, key, FieldTable.EMPTY);
  }

  Binding bind(Exchange source, Destination destination, String key, FieldTable arguments) {
    Binding binding = new Binding(source, destination, key, arguments);
    table.bind(binding);
    return binding;
  }

  /** The names of the queues a message goes to, sorted; a name twice if a queue is there twice. */
  List<String> route(Exchange exchange, String key) {
    return route(exchange, key, MessageProperties.NONE);
  }

  List<String> route(Exchange exchange, String key, MessageProperties properties) {
    router.route(table, queues::get, exchange, key, properties, result);
    return names(result.toArray());
  }

  static List<String> names(QueueDestination[] queues) {
    List<String> names = new ArrayList<>();
    for (QueueDestination queue : queues) {
      names.add(queue.name());
    }
    names.sort(null);
    return names;
  }

  /** What a matcher alone selects for a key, by name. */
  static TreeSet<String> matches(Matcher matcher, String key, MessageProperties properties) {
    TreeSet<String> names = new TreeSet<>();
    matcher.match(key, properties, destination -> names.add(destination.name()));
    return names;
  }

  /** The bindings as text, for comparison with a model. */
  Map<String, TreeSet<String>> bindings() {
    Map<String, TreeSet<String>> all = new TreeMap<>();
    for (Exchange exchange : table.exchanges()) {
      TreeSet<String> lines = new TreeSet<>();
      exchange.bindings().forEach(binding -> lines.add(binding.toString()));
      all.put(exchange.name(), lines);
    }
    return all;
  }
}
