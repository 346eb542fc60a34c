package org.warrenmq.conformance.pages;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The pages below {@code docs} with examples that are run, one line each; for any thread. */
enum Page {
  CONSUMERS("consumers.md", new Consumers()),
  DEAD_LETTERS("dead-letters.md", new DeadLetters()),
  DEDUPLICATION("deduplication.md", new Deduplication()),
  DELAYED_MESSAGES("delayed-messages.md", new DelayedMessages()),
  DELIVERY_LIMIT("delivery-limit.md", new DeliveryLimit()),
  EXCHANGE_TYPES("exchange-types.md", new ExchangeTypes()),
  LIMITS("limits.md", new Limits()),
  MESSAGE_GROUPS("message-groups.md", new MessageGroups()),
  PRIORITIES("priorities.md", new Priorities()),
  RECENT_HISTORY("recent-history.md", new RecentHistory()),
  RETRY("retry.md", new Retry()),
  TIME_TO_LIVE("time-to-live.md", new TimeToLive());

  private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
  private static final Path SOURCES =
      ROOT.resolve("conformance-tests/src/test/java/org/warrenmq/conformance/pages");
  private static final Pattern BLOCK =
      Pattern.compile("^```(\\w+)\n(.*?)^```$", Pattern.DOTALL | Pattern.MULTILINE);
  private static final Pattern BODY =
      Pattern.compile(
          "^  public void run\\(Channel channel\\) throws Exception \\{\n(.*?)^  }$",
          Pattern.DOTALL | Pattern.MULTILINE);

  private final String file;
  private final Example example;

  Page(String file, Example example) {
    this.file = file;
    this.example = example;
  }

  Example example() {
    return example;
  }

  /** As the README links it. */
  String path() {
    return "docs/" + file;
  }

  /**
   * What its reader sees of Java. A block with a package is a file of its own, and no part of it.
   */
  String java() throws IOException {
    return blocks("java").filter(block -> !block.startsWith("package ")).collect(together());
  }

  /** What its reader sees of Python: one program, but for its connection. */
  String python() throws IOException {
    return blocks("python").collect(together());
  }

  /** What the page says that both print; empty when it says nothing. */
  String printed() throws IOException {
    return blocks("text").collect(Collectors.joining());
  }

  /** The statements of the example as its source file has them. */
  String source() throws IOException {
    Path source = SOURCES.resolve(example.getClass().getSimpleName() + ".java");
    return BODY.matcher(Files.readString(source))
        .results()
        .map(found -> found.group(1).indent(-4))
        .collect(Collectors.joining());
  }

  static String readme() throws IOException {
    return Files.readString(ROOT.resolve("README.md"));
  }

  private Stream<String> blocks(String language) throws IOException {
    return BLOCK
        .matcher(Files.readString(ROOT.resolve(path())))
        .results()
        .filter(found -> found.group(1).equals(language))
        .map(found -> found.group(2));
  }

  /** One after the other, with an empty line between two. */
  private static Collector<CharSequence, ?, String> together() {
    return Collectors.joining("\n");
  }
}
