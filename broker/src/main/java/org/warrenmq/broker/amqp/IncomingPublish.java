package org.warrenmq.broker.amqp;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.warrenmq.codec.BasicMethod;
import org.warrenmq.codec.Content;
import org.warrenmq.codec.ContentAssembler;

/**
 * The basic.publish of a channel whose content arrives, frame by frame; the read gate is charged
 * with what is here of it. Runs on the connection's loop.
 */
final class IncomingPublish {
  private final Session session;
  private final ContentAssembler assembler;
  private BasicMethod.@Nullable Publish method;

  /** Octets of a body that is not whole yet. */
  private long arrived;

  /** What the gate is charged with. */
  private long charged;

  IncomingPublish(Session session) {
    this.session = session;
    assembler = new ContentAssembler(session.properties(), session.uploads());
  }

  /**
   * A method frame has come.
   *
   * @throws org.warrenmq.codec.ConnectionError when it should have been a content frame
   */
  void checkMethod() {
    assembler.checkMethod();
  }

  /** Its content is to follow. */
  void begin(BasicMethod.Publish publish) {
    method = publish;
    assembler.expect(BasicMethod.CLASS_ID);
  }

  /** The method whose content became whole; once. */
  BasicMethod.Publish take() {
    BasicMethod.Publish publish = method;
    method = null;
    if (publish == null) {
      throw new IllegalStateException("a content without its method");
    }
    return publish;
  }

  /** A content header; returns the content if it is whole with that. */
  @Nullable Content header(int classId, int weight, long bodySize, ByteBuf properties) {
    long most = session.limits().maxMessageSize();
    Content content = assembler.header(classId, weight, bodySize, properties, most);
    if (content == null) {
      charge();
    }
    return content;
  }

  /** A piece of the body; returns the content if it is whole with that. */
  @Nullable Content body(ByteBuf payload) {
    int octets = payload.readableBytes();
    Content content = assembler.body(payload);
    if (content == null) {
      arrived += octets;
      session.uploads().arrived(octets);
      charge();
    } else {
      end();
    }
    return content;
  }

  private void end() {
    if (arrived > 0) {
      session.uploads().arrived(-arrived);
      arrived = 0;
    }
    charge();
  }

  private void charge() {
    long held = assembler.held();
    if (held != charged) {
      session.gate().arriving(held - charged);
      charged = held;
    }
  }

  /** The channel closes: forgets what is here. */
  void drop() {
    assembler.reset();
    end();
    method = null;
  }
}
