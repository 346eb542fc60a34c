package org.warrenmq.admin.node;

/** Takes commands of callers: each is carried out, checked and taken down as theirs. */
@FunctionalInterface
public interface NodeDesk {
  NodeCommands of(Caller caller);
}
