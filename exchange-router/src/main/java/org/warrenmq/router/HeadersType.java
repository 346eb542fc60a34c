package org.warrenmq.router;

import org.warrenmq.codec.ChannelError;
import org.warrenmq.codec.FieldValue;
import org.warrenmq.codec.ReplyCode;

/** The {@code headers} exchange type: binding arguments are compared to headers; stateless. */
public final class HeadersType implements ExchangeType {
  @Override
  public String name() {
    return "headers";
  }

  @Override
  public void validateBinding(Binding binding) throws ChannelError {
    FieldValue mode = binding.arguments().get(HeaderPattern.MODE);
    if (mode != null && HeaderPattern.Mode.of(mode) == null) {
      throw new ChannelError(ReplyCode.PRECONDITION_FAILED, complaint(mode));
    }
  }

  private static String complaint(FieldValue mode) {
    if (mode instanceof FieldValue.LongString(String text)) {
      return "Invalid x-match field value %s; expected all, any, all-with-x, or any-with-x"
          .formatted(text.isEmpty() ? "<<>>" : "<<\"" + text + "\">>");
    }
    return "Invalid x-match field type %s (value %s); expected longstr"
        .formatted(mode.typeName(), mode.display());
  }

  @Override
  public Matcher newMatcher(ExchangeSpec spec) {
    return new HeadersMatcher();
  }
}
