/** OAuth 2: a token in the place of a password says who a client is, and what it may do. */
@NullMarked
package org.warrenmq.broker.auth.oauth;

import org.jspecify.annotations.NullMarked;
