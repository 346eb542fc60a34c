package org.warrenmq.admin.definitions;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A document of definitions, read as often as somebody wants to see one of its lists: never more
 * than one object of it is in memory. Immutable, any thread.
 */
public final class DefinitionDocument {
  /** RabbitMQ's take five levels. */
  private static final int DEEPEST = 64;

  /** So many values an object may have. */
  private static final int MOST_VALUES = 100_000;

  /** So many objects a document may have on any heap. */
  private static final long LEAST_OBJECTS = 100_000;

  /** And one more for so many bytes of it: some names of them are remembered. */
  private static final long BYTES_OF_HEAP = 512;

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build())
          .build();

  /** What the parser says of where something began, which tells nobody anything. */
  private static final Pattern MARKER =
      Pattern.compile("\\s*\\([^()]*\\[Source:.*", Pattern.DOTALL);

  /** It may be a password without its quotes. */
  private static final Pattern TOKEN = Pattern.compile("token '.*'", Pattern.DOTALL);

  private final Source source;
  private final String name;

  /** Where it is read from the beginning. */
  @FunctionalInterface
  private interface Source {
    InputStream open() throws IOException;
  }

  /** Looks at an object. */
  @FunctionalInterface
  interface Visitor {
    /**
     * @param number of the object in its list, from 0
     */
    void visit(int number, JsonObject object);
  }

  private DefinitionDocument(Source source, String name) {
    this.source = source;
    this.name = name;
  }

  /** The octets that somebody sent. */
  public static DefinitionDocument of(Buffer content) {
    byte[] octets = content.getBytes();
    return new DefinitionDocument(() -> new ByteArrayInputStream(octets), "");
  }

  /** A file, which is named where something is wrong with it. */
  public static DefinitionDocument in(Path file) {
    return new DefinitionDocument(() -> Files.newInputStream(file), file + ": ");
  }

  /** What stands before anything that is said of it; empty, or a file's name. */
  String name() {
    return name;
  }

  /**
   * Looks at the objects of a list, in their order; at none if there is no such list.
   *
   * @throws DefinitionFault when the document does not read, or as the visitor does
   */
  void each(Section wanted, Visitor visitor) {
    read((section, number, object) -> visitor.visit(number, object), wanted);
  }

  /** Looks at the objects of all lists, in the order of the document; as above. */
  void all(SectionVisitor visitor) {
    read(visitor, null);
  }

  /** Looks at an object of any list. */
  @FunctionalInterface
  interface SectionVisitor {
    void visit(Section section, int number, JsonObject object);
  }

  /** What a document has. */
  public record Contents(boolean hasUsers, boolean hasVhosts) {}

  /**
   * Looks what there is in it.
   *
   * @throws DefinitionFault when an object of it is not what it has to be, whatever there is
   */
  public Contents contents() {
    DefinitionReader reader = new DefinitionReader(name, null);
    Set<Section> found = EnumSet.noneOf(Section.class);
    all(
        (section, number, object) -> {
          reader.read(section, number, object);
          found.add(section);
        });
    return new Contents(found.contains(Section.USERS), found.contains(Section.VHOSTS));
  }

  private void read(SectionVisitor visitor, @Nullable Section wanted) {
    try (InputStream in = source.open();
        JsonParser parser = JSON.createParser(in)) {
      JsonToken first = parser.nextToken();
      if (first == null) {
        return;
      }
      if (first != JsonToken.START_OBJECT) {
        throw new DefinitionFault(name + "the document is not an object");
      }
      long left = Math.max(LEAST_OBJECTS, Runtime.getRuntime().maxMemory() / BYTES_OF_HEAP);
      while (parser.nextToken() != JsonToken.END_OBJECT) {
        String key = parser.currentName();
        JsonToken value = parser.nextToken();
        Section section = Section.of(key);
        if (section == null || value == JsonToken.VALUE_NULL) {
          parser.skipChildren();
          continue;
        }
        if (value != JsonToken.START_ARRAY) {
          throw new DefinitionFault(name + key, "it is not a list");
        }
        if (wanted != null && section != wanted) {
          parser.skipChildren();
          continue;
        }
        left -= list(parser, section, visitor, left);
      }
      if (parser.nextToken() != null) {
        throw new DefinitionFault(name + place(parser), "there is more behind the document");
      }
    } catch (JsonProcessingException e) {
      throw new DefinitionFault(
          name
              + "the document is not JSON: line %d, column %d: %s"
                  .formatted(
                      e.getLocation() == null ? 0 : e.getLocation().getLineNr(),
                      e.getLocation() == null ? 0 : e.getLocation().getColumnNr(),
                      said(e)));
    } catch (IOException e) {
      throw new DefinitionFault(name + "the document cannot be read: " + e.getMessage());
    }
  }

  private static String said(JsonProcessingException e) {
    return TOKEN.matcher(MARKER.matcher(e.getOriginalMessage()).replaceAll("")).replaceAll("token");
  }

  private static String place(JsonParser parser) {
    return "line %d, column %d"
        .formatted(
            parser.currentTokenLocation().getLineNr(), parser.currentTokenLocation().getColumnNr());
  }

  /** Reads a list; returns how many it has. */
  private long list(JsonParser parser, Section section, SectionVisitor visitor, long most)
      throws IOException {
    int number = 0;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      String where = name + section.key() + "[" + number + "]";
      if (number >= most) {
        throw new DefinitionFault(where, "the document has too many objects for this heap");
      }
      int[] left = {MOST_VALUES};
      if (!(value(parser, where, left) instanceof JsonObject object)) {
        throw new DefinitionFault(where, "it is not an object");
      }
      visitor.visit(section, number++, object);
    }
    return number;
  }

  /** Reads a value, at whose first token the parser is. */
  private static @Nullable Object value(JsonParser parser, String where, int[] left)
      throws IOException {
    if (--left[0] < 0) {
      throw new DefinitionFault(where, "it has more than " + MOST_VALUES + " values");
    }
    return switch (parser.currentToken()) {
      case START_OBJECT -> {
        JsonObject object = new JsonObject();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String key = parser.currentName();
          parser.nextToken();
          if (object.containsKey(key)) {
            throw new DefinitionFault(where, "it has " + key + " twice");
          }
          object.put(key, value(parser, where, left));
        }
        yield object;
      }
      case START_ARRAY -> {
        JsonArray array = new JsonArray();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          array.add(value(parser, where, left));
        }
        yield array;
      }
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case null, default -> null;
    };
  }
}
