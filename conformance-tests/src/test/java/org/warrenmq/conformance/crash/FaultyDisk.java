package org.warrenmq.conformance.crash;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;

/**
 * Makes the writes and syncs of a process below a folder fail on command, by a small library that
 * is loaded into the process; its source says how the two share a file. Used by the test thread.
 */
final class FaultyDisk {
  private static final int SIZE = 64;
  private static final int FAILED_AT = 24;
  private static final int PART_AT = 32;

  private final PreloadedLibrary library;
  private final Path control;
  private final Path folder;

  private FaultyDisk(PreloadedLibrary library, Path control, Path folder) {
    this.library = library;
    this.control = control;
    this.folder = folder;
  }

  enum Call {
    WRITE,
    SYNC,
    ANY;

    private int code() {
      return ordinal() + 1;
    }
  }

  enum Error {
    EIO(5, "Input/output error"),
    ENOSPC(28, "No space left on device");

    private final int number;

    /** As the C library and the JDK put it. */
    final String text;

    Error(int number, String text) {
      this.number = number;
      this.text = text;
    }
  }

  /**
   * What is to fail.
   *
   * @param call which system calls
   * @param part of the path of the files concerned
   * @param error what they fail with
   * @param torn whether half of a failing write reaches the file
   * @param times how many fail; -1 for all
   */
  record Fault(Call call, String part, Error error, boolean torn, int times) {}

  /** Compiles the library, or skips the test visibly where that cannot be done. */
  static FaultyDisk below(Path folder, Path workshop) throws Exception {
    PreloadedLibrary library = PreloadedLibrary.compile("faulty-disk", workshop);
    Path control = workshop.resolve("control");
    Files.write(control, new byte[SIZE]);
    return new FaultyDisk(library, control, folder);
  }

  /** For the process whose disk this is. */
  Map<String, String> environment() {
    return Map.of(
        "LD_PRELOAD", library.file().toString(),
        "WARREN_FAULT_FOLDER", folder.toString(),
        "WARREN_FAULT_CONTROL", control.toString());
  }

  /** From now on calls fail, after so many more that work. */
  void arm(Fault fault, int skip) throws IOException {
    ByteBuffer octets = ByteBuffer.allocate(SIZE).order(ByteOrder.nativeOrder());
    octets.putInt(0).putInt(fault.call.code()).putInt(fault.error.number);
    octets.putInt(fault.torn ? 1 : 0).putInt(skip).putInt(fault.times);
    octets.position(PART_AT);
    octets.put(fault.part.getBytes(StandardCharsets.US_ASCII));
    try (FileChannel channel = FileChannel.open(control, StandardOpenOption.WRITE)) {
      channel.write(octets.rewind(), 0);
      // The switch comes last.
      channel.write(ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt(0, 1), 0);
    }
  }

  /** From now on everything works. */
  void disarm() throws IOException {
    Files.write(control, new byte[SIZE]);
  }

  /** How many calls have failed since {@link #arm}. */
  int failures() throws IOException {
    byte[] octets = Files.readAllBytes(control);
    return ByteBuffer.wrap(octets).order(ByteOrder.nativeOrder()).getInt(FAILED_AT);
  }
}
