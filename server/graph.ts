import { cacheGraph } from "./cache/graphql.ts";
import type { Parts } from "./compose.ts";
import { eventGraph } from "./events/graphql.ts";
import { GraphEndpoint } from "./http/graphql/endpoint.ts";
import { GraphEngine } from "./http/graphql/engine.ts";
import { buildGraph } from "./http/graphql/schema.ts";
import { graphqlSocket } from "./http/graphql/socket.ts";
import { graphqlRoutes } from "./http/graphql/streaming.ts";
import { OpenStreams } from "./http/graphql/streams.ts";
import type { SocketRoute } from "./http/socket.ts";
import { incidentGraph } from "./incidents/graphql.ts";
import { metricGraph } from "./metrics/graphql.ts";
import { outboxGraph } from "./outbox/graphql.ts";
import { secretGraph } from "./secrets/graphql.ts";
import { auditGraph } from "./security/audit/graphql.ts";
import type { AuditVerbs } from "./security/audit/rest.ts";
import { accessGraph } from "./security/graphql.ts";
import { identityGraph } from "./security/oidc/graphql.ts";
import type { AccessVerbs } from "./security/rest.ts";
import { roleGraph } from "./security/roles/graphql.ts";
import { settingsGraph } from "./settings/graphql.ts";
import { systemGraph } from "./system/graphql.ts";
import type { System } from "./system/service.ts";

/** What the graph calls beside the parts themselves. */
interface GraphVerbs {
  parts: Parts;
  system: System;
  access: AccessVerbs;
  audit: AuditVerbs;
}

/** GraphQL, joined and ready to be mounted. */
export interface MountedGraph {
  engine: GraphEngine;
  endpoint: GraphEndpoint;
  routes: ReturnType<typeof graphqlRoutes>;
  socket: SocketRoute;
  streams: OpenStreams;
}

/**
 * The one list of what each feature adds to the graph. This module, and with it everything GraphQL, is evaluated only
 * when `features.graphql` is on.
 */
export function mountGraph({ parts, system, access, audit }: GraphVerbs): MountedGraph {
  const { configuration, log, answers } = parts;
  const engine = new GraphEngine({
    buildSchema: () =>
      buildGraph([
        systemGraph(system),
        ...(parts.queryCache ? [cacheGraph(answers)] : []),
        ...(parts.pluginSystem?.graph ? [parts.pluginSystem.graph] : []),
        accessGraph(access),
        roleGraph(parts.roles),
        identityGraph(parts.identities),
        auditGraph(audit),
        secretGraph(parts.secrets),
        metricGraph(parts.metrics),
        eventGraph(parts),
        outboxGraph(parts),
        incidentGraph(parts),
        settingsGraph(parts),
      ]),
    configuration,
    cache: parts.queryCache ? answers : undefined,
    log: log.child("graphql"),
    report: parts.incidents.record,
  });
  const streams = new OpenStreams();
  return {
    engine,
    endpoint: new GraphEndpoint(engine),
    routes: graphqlRoutes(engine, streams),
    socket: graphqlSocket(engine, parts.rateLimits),
    streams,
  };
}
