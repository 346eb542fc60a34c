package org.warrenmq.conformance.crash;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is certainly on disk of a folder that was empty once, by the journal of all that was done
 * below it since; {@code synced-disk.c} says what its lines mean. Read once, on the test thread.
 */
final class SyncedState {
  private final Path folder;
  private final Map<Path, Entry> entries = new TreeMap<>();

  /** What was in a folder when a sync of it began that has not ended. */
  private final Map<String, List<Entry>> begun = new HashMap<>();

  private static final class Entry {
    /** Whether the folder that holds it was synced with it. */
    boolean named;

    /** Whether it was synced itself. */
    boolean synced;

    /** So much of it is on disk. */
    long size;

    /** All of it when it was synced last, if that was little. */
    byte @Nullable [] content;

    Entry copy() {
      var copy = new Entry();
      copy.synced = synced;
      copy.size = size;
      copy.content = content;
      return copy;
    }
  }

  private SyncedState(Path folder) {
    this.folder = folder;
  }

  static SyncedState read(Path folder, Path journal) throws IOException {
    var state = new SyncedState(folder);
    for (String line : Files.readAllLines(journal)) {
      if (line.endsWith("\t.")) {
        state.follow(line.split("\t", -1));
      }
    }
    return state;
  }

  private void follow(String[] words) {
    switch (words[0]) {
      case "file", "folder" -> entries.put(Path.of(words[1]), new Entry());
      case "move" -> move(Path.of(words[1]), Path.of(words[2]));
      case "link" -> entries.put(Path.of(words[2]), entry(words[1]).copy());
      case "remove" -> entries.remove(Path.of(words[1]));
      case "cut" -> cut(entry(words[1]), Long.parseLong(words[2]));
      case "begin" -> begun.put(words[1], children(Path.of(words[2])));
      case "end" -> begun.remove(words[1]).forEach(entry -> entry.named = true);
      case "sync" -> sync(entry(words[1]), Long.parseLong(words[2]), words[3]);
      default -> throw new IllegalArgumentException("the journal says " + words[0]);
    }
  }

  private Entry entry(String path) {
    return entries.computeIfAbsent(Path.of(path), _ -> new Entry());
  }

  private List<Entry> children(Path of) {
    var children = new ArrayList<Entry>();
    entries.forEach(
        (path, entry) -> {
          if (of.equals(path.getParent())) {
            children.add(entry);
          }
        });
    return children;
  }

  /** With all that is in it. Only the new name of the topmost one is one nobody has synced yet. */
  private void move(Path from, Path to) {
    for (Path path : List.copyOf(entries.keySet())) {
      if (path.startsWith(from)) {
        entries.put(to.resolve(from.relativize(path)), entries.remove(path));
      }
    }
    entry(to.toString()).named = false;
  }

  private static void cut(Entry entry, long size) {
    entry.size = Math.min(entry.size, size);
    entry.content = null;
  }

  private static void sync(Entry entry, long size, String digits) {
    entry.synced = true;
    entry.size = size;
    entry.content = digits.equals("-") ? null : HexFormat.of().parseHex(digits);
  }

  // ---------------------------------------------------------------- answers

  /** What a name takes to be there after a cut. */
  enum Names {
    /** The folder that holds it was synced after it came: all that POSIX promises. */
    STRICT,
    /** The sync of what it names is enough, as on ext4, XFS and Btrfs. */
    ORDERED
  }

  /** Whether the name is there, and so those of all folders around it. */
  boolean isThere(Path path, Names names) {
    if (path.equals(folder)) {
      return true;
    }
    Entry entry = entries.get(path);
    if (entry == null) {
      // Nobody has written down how it came.
      return false;
    }
    return switch (names) {
      case STRICT -> entry.named && isThere(path.getParent(), names);
      case ORDERED ->
          anySyncedIn(path) || (entry.named && isThere(path.getParent(), Names.ORDERED));
    };
  }

  /** Names that POSIX promises nothing about, below those that are safe. */
  List<Path> nameless() {
    return entries.keySet().stream()
        .filter(path -> !isThere(path, Names.STRICT))
        .filter(path -> isThere(path.getParent(), Names.STRICT))
        .map(folder::relativize)
        .toList();
  }

  private boolean anySyncedIn(Path path) {
    return entries.entrySet().stream()
        .anyMatch(entry -> entry.getValue().synced && entry.getKey().startsWith(path));
  }

  /** How much of a file was synced. */
  long size(Path file) {
    Entry entry = entries.get(file);
    return entry == null ? 0 : entry.size;
  }

  /** What was in a file when it was synced last, if that was a page at most and not nothing. */
  byte @Nullable [] content(Path file) {
    Entry entry = entries.get(file);
    return entry == null ? null : entry.content;
  }
}
