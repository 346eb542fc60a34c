/**
 * What hostile clients cost the honest ones beside them, and the broker: every kind of hostility
 * that once stopped, starved or filled a broker, by the dice and several at a time.
 */
@NullMarked
package org.warrenmq.conformance.chaos;

import org.jspecify.annotations.NullMarked;
