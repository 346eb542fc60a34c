package org.warrenmq.conformance.power;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A kind of file system: how one is made, mounted, and repaired after a cut. */
enum FileSystem {
  EXT4("nodiscard", "mkfs.ext4", "-q", "-F"),
  /** Data may reach the disk after the journal says that it is there. */
  EXT4WB("nodiscard,data=writeback", "mkfs.ext4", "-q", "-F"),
  EXT4NOJOURNAL("nodiscard", "mkfs.ext4", "-q", "-F", "-O", "^has_journal"),
  EXT3("nodiscard", "mkfs.ext3", "-q", "-F"),
  EXT2("nodiscard", "mkfs.ext2", "-q", "-F"),
  XFS("nodiscard,nouuid", "mkfs.xfs", "-q", "-f"),
  BTRFS("nodiscard", "mkfs.btrfs", "-q", "-f");

  /** As e2fsck counts: 1 and 2 say that something was repaired. */
  private static final int REPAIRED = 3;

  final String options;
  private final List<String> maker;

  FileSystem(String options, String... maker) {
    this.options = options;
    this.maker = List.of(maker);
  }

  /** The program that makes one. */
  String maker() {
    return maker.getFirst();
  }

  void make(Path image) throws Exception {
    var command = new ArrayList<Object>(maker);
    command.add(image);
    Shell.run(command.toArray());
  }

  /** What has no journal is checked before it is mounted, as a system does when it starts. */
  void repair(Path image) throws Exception {
    if (this == EXT2 || this == EXT4NOJOURNAL) {
      Process check = new ProcessBuilder("e2fsck", "-fy", image.toString()).inheritIO().start();
      if (check.waitFor() > REPAIRED) {
        throw new IllegalStateException("e2fsck cannot repair " + image);
      }
    }
  }

  /** By its name in lower case. */
  static FileSystem named(String name) {
    return Arrays.stream(values())
        .filter(one -> one.toString().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no file system is called " + name));
  }

  @Override
  public String toString() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
