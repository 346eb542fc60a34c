package org.warrenmq.admin.http;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.multipart.Attribute;
import io.netty.handler.codec.http.multipart.DefaultHttpDataFactory;
import io.netty.handler.codec.http.multipart.HttpData;
import io.netty.handler.codec.http.multipart.HttpPostMultipartRequestDecoder;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder;
import io.netty.handler.codec.http.multipart.InterfaceHttpData;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A file as a page posts it, in a form of several parts. Immutable.
 *
 * @param content of the part {@code file}
 * @param redirect where its sender is to be led then, or null
 */
public record UploadedFile(Buffer content, @Nullable String redirect) {
  private static final String MULTIPART = "multipart/form-data";

  /** Whether a body of that type has several parts. */
  public static boolean isIn(@Nullable String contentType) {
    return contentType != null
        && contentType.strip().toLowerCase(Locale.ROOT).startsWith(MULTIPART);
  }

  /**
   * Reads a body that has several parts.
   *
   * @throws ApiError when it is not well-formed, or there is no file in it
   */
  public static UploadedFile of(Request request) {
    FullHttpRequest posted =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1,
            HttpMethod.POST,
            "/",
            Unpooled.wrappedBuffer(request.content().getBytes()));
    posted.headers().set(HttpHeaderNames.CONTENT_TYPE, request.header().apply("content-type"));
    HttpPostMultipartRequestDecoder parts = null;
    try {
      parts = new HttpPostMultipartRequestDecoder(new DefaultHttpDataFactory(false), posted);
      InterfaceHttpData redirect = parts.getBodyHttpData("redirect");
      if (!(parts.getBodyHttpData("file") instanceof HttpData file)) {
        throw ApiError.badRequest("there is no part 'file' in the form");
      }
      return new UploadedFile(
          Buffer.buffer(file.get()),
          redirect instanceof Attribute attribute ? attribute.getValue() : null);
    } catch (HttpPostRequestDecoder.ErrorDataDecoderException
        | HttpPostRequestDecoder.EndOfDataDecoderException
        | IOException e) {
      throw ApiError.badRequest("the form is not well-formed");
    } finally {
      if (parts != null) {
        parts.destroy();
      }
    }
  }
}
