package org.warrenmq.broker.topology;

import org.warrenmq.codec.FieldValue;

/**
 * Something that is kept in a virtual host for who knows what it means.
 *
 * @param component whose it is: shovel, for one
 * @param value what came as JSON
 */
public record Parameter(String vhost, String component, String name, FieldValue value) {
  boolean isCalled(String otherComponent, String otherName) {
    return component.equals(otherComponent) && name.equals(otherName);
  }
}
