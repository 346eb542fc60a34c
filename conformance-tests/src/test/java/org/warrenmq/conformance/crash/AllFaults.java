package org.warrenmq.conformance.crash;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** For faults beyond the few that every build tries. */
@Retention(RetentionPolicy.RUNTIME)
@EnabledIfSystemProperty(
    named = "fault.all",
    matches = "true",
    disabledReason = "takes a while: -Dfault.all=true")
@interface AllFaults {}
