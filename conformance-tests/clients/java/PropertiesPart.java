import com.rabbitmq.client.AMQP.BasicProperties;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Collection;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The part of the scenario about properties and headers: what arrives is what was sent. */
final class PropertiesPart {
  private final Run run;

  PropertiesPart(Run run) {
    this.run = run;
  }

  /** A header value by its logical type, which all languages tell apart. */
  private static String describe(Object value) {
    if (value == null) {
      return "void";
    } else if (value instanceof Boolean flag) {
      return "boolean " + flag;
    } else if (value instanceof Number number) {
      return "integer " + number;
    } else if (value instanceof Date date) {
      return "timestamp " + date.getTime() / 1000;
    } else if (value instanceof Collection<?> items) {
      return items.stream()
          .map(PropertiesPart::describe)
          .collect(Collectors.joining(", ", "[", "]"));
    } else if (value instanceof Map<?, ?> table) {
      return new TreeMap<>(table)
          .entrySet().stream()
              .map(entry -> entry.getKey() + ": " + describe(entry.getValue()))
              .collect(Collectors.joining(", ", "{", "}"));
    }
    return "string " + value; // a LongString, whose text is UTF-8
  }

  void play() throws Exception {
    run.section("properties and headers");
    String queue = run.queue("properties");
    Map<String, Object> headers = new TreeMap<>();
    headers.put("flag", true);
    headers.put("small", -5);
    headers.put("large", 1_099_511_627_776L);
    headers.put("text", "gr\u00fcn");
    headers.put("when", new Date(1_767_323_045_000L));
    headers.put("list", List.of(1, false, "two"));
    headers.put("table", Map.of("inner", "value", "deep", Map.of("answer", 42)));
    headers.put("nothing", null);
    headers.put("empty", Map.of());
    BasicProperties sent =
        new BasicProperties.Builder()
            .contentType("text/plain")
            .contentEncoding("utf-8")
            .deliveryMode(2)
            .priority(4)
            .correlationId("c-1")
            .replyTo("answers")
            .expiration("60000")
            .messageId("m-1")
            .timestamp(new Date(1_767_323_045_000L))
            .type("greeting")
            .appId("scenario")
            .userId(run.factory.getUsername())
            .headers(headers)
            .build();
    BasicProperties got = exchanged(queue, sent);
    fields(got).forEach((field, value) -> run.say(field + ": " + value));
    for (String key : headers.keySet()) {
      run.say("header " + key + ": " + describe(got.getHeaders().get(key)));
    }
    String absent =
        fields(exchanged(queue, Run.PERSISTENT)).entrySet().stream()
            .skip(4) // the first four have defaults in some clients
            .filter(field -> field.getValue() == null)
            .map(Map.Entry::getKey)
            .collect(Collectors.joining(", "));
    run.say("absent when not sent: " + absent);
    ownTypes(queue);
  }

  private BasicProperties exchanged(String queue, BasicProperties properties) throws Exception {
    run.publish("", queue, properties, "body".getBytes());
    return run.confirms.basicGet(queue, true).getProps();
  }

  private Map<String, Object> fields(BasicProperties got) {
    boolean mine = run.factory.getUsername().equals(got.getUserId());
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("content-type", got.getContentType());
    fields.put("content-encoding", got.getContentEncoding());
    fields.put("delivery-mode", got.getDeliveryMode());
    fields.put("priority", got.getPriority());
    fields.put("correlation-id", got.getCorrelationId());
    fields.put("reply-to", got.getReplyTo());
    fields.put("expiration", got.getExpiration());
    fields.put("message-id", got.getMessageId());
    Date timestamp = got.getTimestamp();
    fields.put("timestamp", timestamp == null ? null : timestamp.getTime() / 1000);
    fields.put("type", got.getType());
    fields.put("app-id", got.getAppId());
    fields.put("user-id", mine ? "the login user" : got.getUserId());
    return fields;
  }

  /** Every type the Java client can send must come back with its own type, not only its value. */
  private void ownTypes(String queue) throws Exception {
    Map<String, Object> own = new TreeMap<>();
    own.put("byte", (byte) -7);
    own.put("short", (short) 300);
    own.put("int", 70_000);
    own.put("long", 5L);
    own.put("float", 0.25f);
    own.put("double", 2.5);
    own.put("decimal", new BigDecimal("12.34"));
    own.put("list", Arrays.asList(List.of(), Arrays.asList(null, -1)));
    byte[] octets = {0, (byte) 0xff};
    Map<String, Object> sent = new TreeMap<>(own);
    sent.put("bytes", octets);
    Map<String, Object> got = new TreeMap<>(exchanged(queue, Run.headed(sent)).getHeaders());
    boolean same = got.remove("bytes") instanceof byte[] back && Arrays.equals(octets, back);
    run.say("header types of this client: " + (same && got.equals(own) ? "equal" : got));
  }
}
