package org.warrenmq.broker.tls;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A block of a PEM file. Immutable, any thread.
 *
 * @param label what it says it is
 * @param headers of the old kind, which say how it is encrypted
 */
record Pem(String label, Map<String, String> headers, byte[] der) {
  /** No certificate file of use is larger, in bytes. */
  private static final long MOST = 16 << 20;

  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,50})-----\\s([^-]*(?:-[^-]+)*)-----END \\1-----");
  private static final Pattern HEADER = Pattern.compile("(?m)^([A-Za-z-]{1,50}): (.*)$");

  /**
   * All blocks of a file, whatever text is between them.
   *
   * @throws BadTlsFile when it cannot be read
   */
  static List<Pem> read(Path file) throws BadTlsFile {
    Matcher blocks = BLOCK.matcher(new String(octets(file), StandardCharsets.ISO_8859_1));
    List<Pem> all = new ArrayList<>();
    while (blocks.find()) {
      Map<String, String> headers = new LinkedHashMap<>();
      Matcher header = HEADER.matcher(blocks.group(2));
      while (header.find()) {
        headers.put(header.group(1), header.group(2).strip());
      }
      String base64 = HEADER.matcher(blocks.group(2)).replaceAll("").replaceAll("\\s", "");
      try {
        all.add(new Pem(blocks.group(1), headers, Base64.getDecoder().decode(base64)));
      } catch (IllegalArgumentException e) {
        throw new BadTlsFile("a block of it is not Base64", e);
      }
    }
    return all;
  }

  /**
   * A file as it is.
   *
   * @throws BadTlsFile when it cannot be read
   */
  static byte[] octets(Path file) throws BadTlsFile {
    try {
      if (Files.size(file) > MOST) {
        throw new BadTlsFile("it is larger than " + MOST + " bytes");
      }
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new BadTlsFile("there is no such file", e);
    } catch (IOException e) {
      throw new BadTlsFile("it cannot be read (" + e.getClass().getSimpleName() + ")", e);
    }
  }
}
