package org.warrenmq.conformance.pages;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;

/** Runs the example of one page on the main thread: a process prints what a page promises. */
final class ExampleProgram {
  private ExampleProgram() {}

  /**
   * @param arguments the {@link Page}, and the broker's address
   */
  public static void main(String[] arguments) throws Exception {
    var factory = new ConnectionFactory();
    factory.setUri(arguments[1]);
    factory.setAutomaticRecoveryEnabled(false);
    try (Connection connection = factory.newConnection();
        Channel channel = connection.createChannel()) {
      Page.valueOf(arguments[0]).example().run(channel);
    }
  }
}
