package org.warrenmq.broker.cli;

/** The options that only some verbs have. */
enum Flag {
  APPLY_TO("--apply-to", "<queues|exchanges|…>", "what the policy is for (all)"),
  DEFAULT_QUEUE_TYPE("--default-queue-type", "<classic|quorum>", "of queues that say none"),
  DESCRIPTION("--description", "<text>", "of the virtual host"),
  FORMAT("--format", "<json>", "of the document"),
  GLOBAL("--global", "", "of all"),
  IF_EMPTY("--if-empty", "", "only if it is empty"),
  IF_UNUSED("--if-unused", "", "only if it has no consumers"),
  LIMIT("--limit", "<number>", "at most so many"),
  LOCAL("--local", "", "of this node: without effect"),
  OFFLINE("--offline", "", "on nodes that are down, of which there are none"),
  ONLINE("--online", "", "on nodes that are up: without effect"),
  PER_CONNECTION_DELAY("--per-connection-delay", "<ms>", "between two of them: without effect"),
  PID("--pid", "<pid>", "of the process that is waited for"),
  PRE_HASHED("--pre-hashed-password", "", "the password is a hash"),
  PRIORITY("--priority", "<number>", "the highest one holds (0)"),
  SKIP_IF_UNCHANGED("--skip-if-unchanged", "", "without effect: what is so already is left alone"),
  STRICT("--strict", "", "do nothing where something of it cannot be"),
  TAGS("--tags", "<tag,…>", "of the virtual host"),
  UNIT("--unit", "<unit>", "days, weeks, months or years; or of memory: bytes, MB, GB"),
  USER("--user", "<name>", "whose limits"),
  WITHIN("--within", "<number>", "of units");

  private final String word;
  private final String value;
  private final String meaning;

  Flag(String word, String value, String meaning) {
    this.word = word;
    this.value = value;
    this.meaning = meaning;
  }

  /** As it is written. */
  String word() {
    return word;
  }

  /** What stands for its value; empty if it has none. */
  String value() {
    return value;
  }

  String meaning() {
    return meaning;
  }
}
