package org.warrenmq.broker.config;

import io.vertx.config.spi.ConfigProcessor;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * The keys of rabbitmq.conf as a tree in YAML, a format of Vert.x's configuration that knows its
 * lines: names on the way to a value are the parts of its key, the entries of a list are numbered
 * from 1. Stateless.
 */
public final class YamlTree implements ConfigProcessor {
  /** The format's name. */
  static final String FORMAT = "warren.yaml";

  /** More than any key has parts; also the end of a tree that contains itself. */
  private static final int DEEPEST = 12;

  /** More than anybody sets; what multiplies by aliases is refused before. */
  private static final int MOST = 10_000;

  @Override
  public String name() {
    return FORMAT;
  }

  @Override
  public Future<JsonObject> process(Vertx vertx, @Nullable JsonObject options, Buffer file) {
    try {
      Walk walk = new Walk();
      Yaml yaml = new Yaml(new LoaderOptions());
      Node root = yaml.compose(new StringReader(file.toString(StandardCharsets.UTF_8)));
      if (root != null) {
        walk.visit("", root, 0);
      }
      return Future.succeededFuture(walk.entries.asJson());
    } catch (NotATree e) {
      return Future.failedFuture(e.getMessage());
    } catch (MarkedYAMLException e) {
      return Future.failedFuture(
          line(e.getProblemMark()) + ": this is not YAML: " + e.getProblem());
    } catch (YAMLException e) {
      String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      return Future.failedFuture("1: this is not YAML: " + reason);
    }
  }

  private static int line(@Nullable Mark mark) {
    return mark == null ? 1 : mark.getLine() + 1;
  }

  /** Why it is YAML and yet no configuration. */
  private static final class NotATree extends Exception {
    private static final long serialVersionUID = 1L;

    NotATree(Node node, String reason) {
      super(line(node.getStartMark()) + ": " + reason);
    }
  }

  /** From the root to every value. */
  private static final class Walk {
    private final FoundEntries entries = new FoundEntries();
    private final Set<String> keys = new HashSet<>();

    void visit(String key, Node node, int depth) throws NotATree {
      if (depth > DEEPEST || keys.size() > MOST) {
        throw new NotATree(node, "there are more levels or keys than any configuration has");
      }
      switch (node) {
        case MappingNode map -> {
          for (NodeTuple entry : map.getValue()) {
            if (!(entry.getKeyNode() instanceof ScalarNode name)) {
              throw new NotATree(entry.getKeyNode(), "a key has to be a word");
            }
            visit(below(key, name.getValue()), entry.getValueNode(), depth + 1);
          }
        }
        case SequenceNode list -> {
          int number = 0;
          for (Node entry : list.getValue()) {
            visit(below(key, String.valueOf(++number)), entry, depth + 1);
          }
        }
        case ScalarNode value -> put(key, value);
        default -> throw new NotATree(node, "this is neither a value nor a list nor a tree");
      }
    }

    private void put(String key, ScalarNode value) throws NotATree {
      if (key.isEmpty()) {
        throw new NotATree(value, "the file has to be a tree of keys");
      }
      if (!keys.add(key)) {
        throw new NotATree(value, key + " is there twice");
      }
      entries.put(key, value.getValue(), line(value.getStartMark()));
    }

    private static String below(String key, String name) {
      return key.isEmpty() ? name : key + "." + name;
    }
  }
}
