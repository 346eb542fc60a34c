package org.warrenmq.conformance;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.warrenmq.broker.control.ControlSocket;

/** A command of rabbitmqctl for a broker of this project, as its command line would send it. */
public final class ControlRequest {
  private static final String DONE = "ok ";

  private ControlRequest() {}

  /**
   * Runs it.
   *
   * @param folder the broker's data folder
   * @param words the command, then {@code -p} and a virtual host if it is about one, then arguments
   * @throws IllegalStateException when it is refused, or not answered
   */
  public static String run(Path folder, List<String> words) throws IOException {
    String answer = ControlSocket.ask(folder, request(new ArrayList<>(words)));
    if (!answer.startsWith(DONE)) {
      throw new IllegalStateException(answer);
    }
    return answer.substring(DONE.length());
  }

  private static String request(List<String> words) {
    String verb = words.removeFirst();
    if (verb.endsWith("_vhost")) {
      return verb + " " + words.getFirst();
    }
    String vhost = "/";
    if (!words.isEmpty() && words.getFirst().equals("-p")) {
      vhost = words.get(1);
      words.subList(0, 2).clear();
    }
    words.addFirst(vhost);
    return verb
        + " "
        + words.stream()
            .map(word -> URLEncoder.encode(word, StandardCharsets.UTF_8))
            .collect(Collectors.joining(" "));
  }
}
