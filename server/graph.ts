import { cacheGraph } from "./cache/graphql.ts";
import type { Parts } from "./compose.ts";
import { eventGraph } from "./events/graphql.ts";
import type { OpenGraph } from "./http/graphql/door.ts";
import { GraphEndpoint } from "./http/graphql/endpoint.ts";
import { GraphEngine } from "./http/graphql/engine.ts";
import { buildGraph } from "./http/graphql/schema.ts";
import { graphqlSockets } from "./http/graphql/socket.ts";
import { graphqlStreaming } from "./http/graphql/streaming.ts";
import type { OpenStreams } from "./http/graphql/streams.ts";
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
export interface GraphVerbs {
  parts: Parts;
  system: System;
  access: AccessVerbs;
  audit: AuditVerbs;
}

/**
 * The one list of what each feature adds to the graph. This module, and with it everything GraphQL, is evaluated only
 * when `features.graphql` is on, and then by the door.
 */
export async function openGraph(
  { parts, system, access, audit }: GraphVerbs,
  streams: OpenStreams,
): Promise<OpenGraph> {
  const { configuration, log, answers } = parts;
  const pluginGraph = await parts.pluginSystem?.graph();
  const logGraph = await parts.logSystem?.graph();
  const alertGraph = await parts.alertSystem?.graph();
  const profilerGraph = await parts.profilerSystem?.graph();
  const engine = new GraphEngine({
    buildSchema: () =>
      buildGraph([
        systemGraph(system),
        ...(parts.queryCache ? [cacheGraph(answers)] : []),
        ...(pluginGraph ? [pluginGraph] : []),
        ...(logGraph ? [logGraph] : []),
        ...(alertGraph ? [alertGraph] : []),
        ...(profilerGraph ? [profilerGraph] : []),
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
    probe: parts.probe,
    report: parts.incidents.record,
  });
  return {
    engine,
    endpoint: new GraphEndpoint(engine),
    stream: graphqlStreaming(engine, streams),
    sockets: graphqlSockets(engine, parts.rateLimits, parts.probe),
  };
}
