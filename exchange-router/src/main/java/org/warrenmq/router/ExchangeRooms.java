package org.warrenmq.router;

import org.jspecify.annotations.Nullable;

/**
 * The rooms of an exchange with state, each null when it does without, but one. Immutable.
 *
 * @param duplicates drops messages that came before: what it takes goes on from there
 * @param delay keeps messages until their time, when they go on from there
 * @param history gets a copy of what it takes, beside those that the bindings select
 */
public record ExchangeRooms(
    @Nullable RoomDestination duplicates,
    @Nullable RoomDestination delay,
    @Nullable RoomDestination history) {}
