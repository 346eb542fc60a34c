package org.warrenmq.codec;

/** A frame that carries a method. */
public record MethodFrame(int channel, Method method) implements Frame {}
