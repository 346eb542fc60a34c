package org.warrenmq.admin.node;

/**
 * How many logins went well, or not. Immutable.
 *
 * @param protocol by RabbitMQ's name
 * @param address where they came from, or empty for anywhere
 * @param user who they said they were, or empty for anybody
 */
public record LoginCount(
    String protocol, String address, String user, long granted, long refused) {}
