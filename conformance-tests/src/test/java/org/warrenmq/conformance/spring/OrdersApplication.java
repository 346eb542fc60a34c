package org.warrenmq.conformance.spring;

import java.util.concurrent.TimeUnit;
import org.springframework.amqp.core.AmqpAdmin;
import org.springframework.amqp.core.Queue;
import org.springframework.amqp.rabbit.connection.CorrelationData;
import org.springframework.amqp.rabbit.core.RabbitTemplate;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * An application as Spring Boot's users have it: what it needs for RabbitMQ comes from its
 * properties alone. Prints what became of one order, and ends. On the main thread.
 */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class OrdersApplication {
  private static final String ORDERS = "orders";
  private static final long SECONDS = 10;

  public static void main(String[] arguments) throws Exception {
    try (ConfigurableApplicationContext context =
        SpringApplication.run(OrdersApplication.class, arguments)) {
      context.getBean(AmqpAdmin.class).declareQueue(new Queue(ORDERS));
      RabbitTemplate template = context.getBean(RabbitTemplate.class);
      CorrelationData published = new CorrelationData("1");
      template.convertAndSend("", ORDERS, (Object) "one", published);
      boolean acked = published.getFuture().get(SECONDS, TimeUnit.SECONDS).isAck();
      System.out.println("confirmed " + acked);
      Object received = template.receiveAndConvert(ORDERS, TimeUnit.SECONDS.toMillis(SECONDS));
      System.out.println("received " + received);
    }
  }
}
