package org.warrenmq.admin.definitions;

import io.vertx.core.json.JsonObject;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.warrenmq.admin.node.Definition;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.admin.node.Facts.PolicyKind;
import org.warrenmq.admin.node.NodeCommands.Password;
import org.warrenmq.codec.FieldTable;
import org.warrenmq.codec.FieldValue;

/**
 * Reads the objects of a document, as all versions of RabbitMQ from 3.0 on write them. Immutable,
 * any thread.
 *
 * @param document what stands before anything that is said of it
 * @param vhost the one virtual host that all objects are in, whatever they say; null when each
 *     names its own
 */
record DefinitionReader(String document, @Nullable String vhost) {
  /** What operators' policies are called among the parameters. */
  static final String OPERATOR_POLICY = "operator_policy";

  private static final String NAME = "name";
  private static final String VHOST = "vhost";
  private static final String USER = "user";
  private static final String VALUE = "value";

  /**
   * @param number of the object in its list
   * @throws DefinitionFault when it is not what it has to be
   */
  Definition read(Section section, int number, JsonObject object) {
    Fields fields = new Fields(where(section, number), object);
    return switch (section) {
      case USERS -> user(fields);
      case VHOSTS -> vhost(fields);
      case PERMISSIONS -> permission(fields);
      case TOPIC_PERMISSIONS -> topicPermission(fields);
      case PARAMETERS -> parameter(fields);
      case GLOBAL_PARAMETERS ->
          new Definition.Parameter(
              new Facts.Parameter(null, "", fields.name(NAME), fields.value(VALUE)));
      case POLICIES -> policy(PolicyKind.POLICY, vhostOf(fields), fields.name(NAME), fields);
      case QUEUES -> queue(fields);
      case EXCHANGES -> exchange(fields);
      case BINDINGS -> binding(fields);
    };
  }

  /** Where an object stands in the document. */
  String where(Section section, int number) {
    return document + section.key() + "[" + number + "]";
  }

  private String vhostOf(Fields fields) {
    return vhost == null ? fields.name(VHOST) : vhost;
  }

  private static Definition user(Fields fields) {
    String name = fields.name(NAME);
    List<String> tags = fields.words("tags");
    if (tags == null) {
      throw fields.fault("tags", "it is missing");
    }
    String hash = fields.text("password_hash", "");
    try {
      Base64.getDecoder().decode(hash);
    } catch (IllegalArgumentException e) {
      throw fields.fault("password_hash", "it is not Base64");
    }
    String plain = fields.optional("password");
    if (plain != null && plain.isEmpty()) {
      throw fields.fault("password", "it is empty");
    }
    Password password =
        plain != null && hash.isEmpty()
            ? new Password.Plain(plain)
            : new Password.Hashed(fields.text("hashing_algorithm", ""), hash);
    return new Definition.User(name, password, tags, fields.numbers("limits"));
  }

  private static Definition vhost(Fields fields) {
    Fields metadata = fields.inner("metadata");
    String name = fields.name(NAME);
    String type = either(fields, metadata, "default_queue_type");
    List<String> tags = fields.words("tags");
    Boolean isProtected = fields.optionalFlag("protected_from_deletion");
    return new Definition.Vhost(
        name,
        either(fields, metadata, "description"),
        tags == null ? metadata.words("tags") : tags,
        type == null || type.isEmpty() || type.equals("undefined") ? null : type,
        isProtected == null ? metadata.optionalFlag("protected_from_deletion") : isProtected);
  }

  private static @Nullable String either(Fields fields, Fields metadata, String key) {
    String text = fields.optional(key);
    return text == null ? metadata.optional(key) : text;
  }

  private static Definition permission(Fields fields) {
    return new Definition.Permission(
        fields.name(USER),
        fields.name(VHOST),
        new Facts.Resources(fields.text("configure"), fields.text("write"), fields.text("read")));
  }

  private static Definition topicPermission(Fields fields) {
    return new Definition.TopicPermission(
        fields.name(USER),
        fields.name(VHOST),
        fields.shortText("exchange"),
        new Facts.Topics(fields.text("write"), fields.text("read")));
  }

  private Definition parameter(Fields fields) {
    String component = fields.name("component");
    String name = fields.name(NAME);
    String in = vhostOf(fields);
    if (component.equals(OPERATOR_POLICY)) {
      return policy(PolicyKind.OPERATOR, in, name, fields.inner(VALUE));
    }
    FieldValue value = fields.value(VALUE);
    // RabbitMQ writes so what has no entries.
    boolean isNone =
        component.equals(Comparison.VHOST_LIMITS)
            && value instanceof FieldValue.ArrayValue(List<FieldValue> list)
            && list.isEmpty();
    return new Definition.Parameter(
        new Facts.Parameter(in, component, name, isNone ? FieldValue.of(FieldTable.EMPTY) : value));
  }

  private static Definition policy(PolicyKind kind, String vhost, String name, Fields fields) {
    if (!(fields.value("definition") instanceof FieldValue.Table(FieldTable definition))) {
      throw fields.fault("definition", "it is not an object");
    }
    return new Definition.Policy(
        new Facts.Policy(
            kind,
            vhost,
            name,
            fields.text("pattern"),
            fields.text("apply-to", "all"),
            fields.has("priority") ? fields.value("priority") : FieldValue.of(0L),
            definition));
  }

  private Definition queue(Fields fields) {
    return new Definition.Queue(
        vhostOf(fields),
        fields.name(NAME),
        fields.flag("durable", true),
        fields.flag("auto_delete", false),
        fields.arguments("arguments"));
  }

  private Definition exchange(Fields fields) {
    return new Definition.Exchange(
        new Facts.Exchange(
            vhostOf(fields),
            fields.name(NAME),
            fields.name("type"),
            fields.flag("durable", true),
            fields.flag("auto_delete", false),
            fields.flag("internal", false),
            fields.arguments("arguments"),
            Facts.Applied.NONE));
  }

  private Definition binding(Fields fields) {
    String type = fields.text("destination_type");
    if (!type.equals("queue") && !type.equals("exchange")) {
      throw fields.fault(
          "destination_type", "queue or exchange is wanted, and '%s' given".formatted(type));
    }
    return new Definition.Binding(
        new Facts.Binding(
            vhostOf(fields),
            fields.shortText("source"),
            fields.name("destination"),
            type.equals("queue"),
            fields.object().containsKey("routing_key") ? fields.shortText("routing_key") : "",
            fields.arguments("arguments")));
  }
}
