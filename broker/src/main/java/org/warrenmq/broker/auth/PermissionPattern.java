package org.warrenmq.broker.auth;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * The names that a permission, or a policy, covers: those in which its regular expression finds
 * something, or none but the empty one if it is empty. Immutable, any thread.
 *
 * <p>Patterns may be made that take for ever: after so many steps a name is not covered, as with
 * RabbitMQ, which counts, too.
 */
public final class PermissionPattern {
  /** Characters looked at for one name. */
  private static final int MOST_STEPS = 200_000;

  private final String regex;
  private final Pattern compiled;

  private PermissionPattern(String regex, Pattern compiled) {
    this.regex = regex;
    this.compiled = compiled;
  }

  /**
   * Reads a regular expression, written for Perl as RabbitMQ takes it.
   *
   * @throws IllegalArgumentException when it is none
   */
  public static PermissionPattern of(String regex) {
    try {
      return regex.isEmpty() ? new PermissionPattern("", compile("^$")) : matching(regex);
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(
          "regular expression '%s' is invalid: %s".formatted(regex, e.getDescription()), e);
    }
  }

  /**
   * The same for what is no permission: an empty one covers every name.
   *
   * @throws PatternSyntaxException when it is none
   */
  public static PermissionPattern matching(String regex) {
    return new PermissionPattern(regex, compile(PerlSyntax.toJava(regex)));
  }

  private static Pattern compile(String java) {
    return Pattern.compile(java, Pattern.UNIX_LINES);
  }

  /** As it was given. */
  public String regex() {
    return regex;
  }

  public boolean covers(String name) {
    try {
      return compiled.matcher(new Steps(name, new int[1])).find();
    } catch (TooManySteps | StackOverflowError e) {
      return false;
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof PermissionPattern that && regex.equals(that.regex);
  }

  @Override
  public int hashCode() {
    return regex.hashCode();
  }

  @Override
  public String toString() {
    return regex;
  }

  private static final class TooManySteps extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooManySteps() {
      super("", null, false, false);
    }
  }

  /**
   * A name that counts how often it is looked at, together with its parts.
   *
   * @param taken one number
   */
  private record Steps(CharSequence name, int[] taken) implements CharSequence {
    @Override
    public int length() {
      return name.length();
    }

    @Override
    public char charAt(int index) {
      if (++taken[0] > MOST_STEPS) {
        throw new TooManySteps();
      }
      return name.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return new Steps(name.subSequence(start, end), taken);
    }

    @Override
    public String toString() {
      return name.toString();
    }
  }
}
