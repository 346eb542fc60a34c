package org.warrenmq.broker.auth;

/** Someone who has logged in. */
public record User(String name) {}
