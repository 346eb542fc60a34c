package org.warrenmq.admin.api;

import java.util.List;
import java.util.stream.Stream;
import org.warrenmq.admin.http.Route;
import org.warrenmq.admin.http.RouteTable;
import org.warrenmq.admin.node.Facts.PolicyKind;
import org.warrenmq.admin.node.Logins;
import org.warrenmq.admin.node.MessageAccess;
import org.warrenmq.admin.node.NodeDesk;
import org.warrenmq.admin.node.NodeView;

/** All endpoints. Stateless, any thread. */
public final class Api {
  private Api() {}

  /** The table of them, for what is behind the prefix {@code /api}. */
  public static RouteTable routes(
      NodeView view, NodeDesk commands, MessageAccess messages, Logins logins) {
    List<Route> routes =
        Stream.of(
                new NodeEndpoints(view, commands).routes(),
                new HealthEndpoints(view).routes(),
                new LoginEndpoints(view, logins).routes(),
                new VhostEndpoints(view, commands).routes(),
                new UserEndpoints(view, commands).routes(),
                new PermissionEndpoints(view, commands).routes(),
                new PolicyEndpoints(PolicyKind.POLICY, view, commands).routes(),
                new PolicyEndpoints(PolicyKind.OPERATOR, view, commands).routes(),
                new ParameterEndpoints(view, commands).routes(),
                new DefinitionEndpoints(view, commands).routes(),
                new ExchangeEndpoints(view, commands, messages).routes(),
                new QueueEndpoints(view, commands, messages).routes(),
                new BindingEndpoints(view, commands).routes(),
                new ConnectionEndpoints(view, commands).routes())
            .flatMap(List::stream)
            .toList();
    return new RouteTable(routes);
  }
}
