package org.warrenmq.codec;

/** Open, flow and close of a channel (class 20). Immutable, any thread. */
public sealed interface ChannelMethod extends Method {
  /** Id of the class. */
  int CLASS_ID = 20;

  @Override
  default int classId() {
    return CLASS_ID;
  }

  /** Opens the channel. */
  record Open() implements ChannelMethod {
    /** Id of the method. */
    public static final int ID = 10;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** The channel is open. */
  record OpenOk() implements ChannelMethod {
    /** Id of the method. */
    public static final int ID = 11;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** Asks the peer to pause or resume content. */
  record Flow(boolean active) implements ChannelMethod {
    /** Id of the method. */
    public static final int ID = 20;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** Confirms a flow. */
  record FlowOk(boolean active) implements ChannelMethod {
    /** Id of the method. */
    public static final int ID = 21;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** Ends the channel; the ids name the method that failed, or are 0. */
  record Close(int replyCode, String replyText, int failingClassId, int failingMethodId)
      implements ChannelMethod {
    /** Id of the method. */
    public static final int ID = 40;

    @Override
    public int methodId() {
      return ID;
    }
  }

  /** The peer saw the close. */
  record CloseOk() implements ChannelMethod {
    /** Id of the method. */
    public static final int ID = 41;

    @Override
    public int methodId() {
      return ID;
    }
  }
}
