/** The node as the HTTP API sees it: the ports of management-ui. */
@NullMarked
package org.warrenmq.broker.http;

import org.jspecify.annotations.NullMarked;
