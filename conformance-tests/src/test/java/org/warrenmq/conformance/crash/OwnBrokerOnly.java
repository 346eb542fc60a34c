package org.warrenmq.conformance.crash;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.warrenmq.conformance.BrokerUnderTest;

/** Skips, visibly, what starts and hurts broker processes when another broker is tested. */
public final class OwnBrokerOnly implements ExecutionCondition {
  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    return BrokerUnderTest.isForeign()
        ? ConditionEvaluationResult.disabled("it starts and hurts a broker of this project")
        : ConditionEvaluationResult.enabled("a broker of this project is tested");
  }
}
