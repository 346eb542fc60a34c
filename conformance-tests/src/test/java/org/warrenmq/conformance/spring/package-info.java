/** An application with Spring Boot, as the README shows it. */
@NullMarked
package org.warrenmq.conformance.spring;

import org.jspecify.annotations.NullMarked;
