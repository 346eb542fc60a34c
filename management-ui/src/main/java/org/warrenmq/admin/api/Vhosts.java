package org.warrenmq.admin.api;

import java.util.List;
import java.util.function.Function;
import org.warrenmq.admin.http.ApiError;
import org.warrenmq.admin.http.Request;
import org.warrenmq.admin.node.Facts;
import org.warrenmq.admin.node.NodeView;

/** The virtual hosts that a request is about. Immutable; called on threads that may wait. */
final class Vhosts {
  private final NodeView view;

  Vhosts(NodeView view) {
    this.view = view;
  }

  /**
   * The name of the one that the path has.
   *
   * @throws ApiError when there is none of that name
   */
  String named(Request request) {
    if (view.vhost(request.vhost()) == null) {
      throw ApiError.notFound("vhost");
    }
    return request.vhost();
  }

  /** What there is in all that the caller works in, one after the other by name. */
  <T> List<T> inAll(Request request, Function<String, List<T>> there) {
    return view.vhosts().stream()
        .map(Facts.Vhost::name)
        .filter(request::sees)
        .flatMap(name -> there.apply(name).stream())
        .toList();
  }
}
