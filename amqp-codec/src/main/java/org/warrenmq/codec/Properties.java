package org.warrenmq.codec;

import org.jspecify.annotations.Nullable;

/** All properties of class 60 as values, null where absent. Immutable, any thread. */
public record Properties(
    @Nullable String contentType,
    @Nullable String contentEncoding,
    @Nullable FieldTable headers,
    @Nullable Integer deliveryMode,
    @Nullable Integer priority,
    @Nullable String correlationId,
    @Nullable String replyTo,
    @Nullable String expiration,
    @Nullable String messageId,
    @Nullable Long timestamp,
    @Nullable String type,
    @Nullable String userId,
    @Nullable String appId,
    @Nullable String clusterId) {

  /** No property at all. */
  public static final Properties NONE = builder().build();

  /** Starts with no property set. */
  public static Builder builder() {
    return new Builder();
  }

  /** Reads all properties from their octets. */
  public static Properties decode(byte[] properties) {
    PropertyView view = new PropertyView(properties);
    int mode = view.deliveryMode();
    int priority = view.priority();
    return new Properties(
        view.contentType(),
        view.contentEncoding(),
        view.headers(),
        view.has(PropertyView.DELIVERY_MODE) ? (Integer) mode : null,
        priority < 0 ? null : (Integer) priority,
        view.correlationId(),
        view.replyTo(),
        view.expiration(),
        view.messageId(),
        view.timestamp(),
        view.type(),
        view.userId(),
        view.appId(),
        view.clusterId());
  }

  /** The flags and values as octets. */
  public byte[] encode() {
    return PropertyEdit.encode(this);
  }

  /** Collects properties; for one thread. */
  public static final class Builder {
    private @Nullable String contentType;
    private @Nullable String contentEncoding;
    private @Nullable FieldTable headers;
    private @Nullable Integer deliveryMode;
    private @Nullable Integer priority;
    private @Nullable String correlationId;
    private @Nullable String replyTo;
    private @Nullable String expiration;
    private @Nullable String messageId;
    private @Nullable Long timestamp;
    private @Nullable String type;
    private @Nullable String userId;
    private @Nullable String appId;
    private @Nullable String clusterId;

    private Builder() {}

    public Builder contentType(@Nullable String value) {
      this.contentType = value;
      return this;
    }

    public Builder contentEncoding(@Nullable String value) {
      this.contentEncoding = value;
      return this;
    }

    public Builder headers(@Nullable FieldTable value) {
      this.headers = value;
      return this;
    }

    public Builder deliveryMode(@Nullable Integer value) {
      this.deliveryMode = value;
      return this;
    }

    public Builder priority(@Nullable Integer value) {
      this.priority = value;
      return this;
    }

    public Builder correlationId(@Nullable String value) {
      this.correlationId = value;
      return this;
    }

    public Builder replyTo(@Nullable String value) {
      this.replyTo = value;
      return this;
    }

    public Builder expiration(@Nullable String value) {
      this.expiration = value;
      return this;
    }

    public Builder messageId(@Nullable String value) {
      this.messageId = value;
      return this;
    }

    public Builder timestamp(@Nullable Long value) {
      this.timestamp = value;
      return this;
    }

    public Builder type(@Nullable String value) {
      this.type = value;
      return this;
    }

    public Builder userId(@Nullable String value) {
      this.userId = value;
      return this;
    }

    public Builder appId(@Nullable String value) {
      this.appId = value;
      return this;
    }

    public Builder clusterId(@Nullable String value) {
      this.clusterId = value;
      return this;
    }

    /** The properties set so far. */
    public Properties build() {
      return new Properties(
          contentType,
          contentEncoding,
          headers,
          deliveryMode,
          priority,
          correlationId,
          replyTo,
          expiration,
          messageId,
          timestamp,
          type,
          userId,
          appId,
          clusterId);
    }
  }
}
