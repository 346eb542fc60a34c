/** The conventions of the HTTP API: requests, replies, routes, lists, JSON. */
@NullMarked
package org.warrenmq.admin.http;

import org.jspecify.annotations.NullMarked;
