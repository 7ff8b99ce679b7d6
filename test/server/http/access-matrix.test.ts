import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  covers,
  type GrantedScope,
  ROLES,
  type RoleName,
  SCOPE_AREAS,
  type Scope,
} from "../../../schema/rules/scopes.ts";
import { policyOf, rootTypes } from "../../../server/http/graphql/schema.ts";
import { type Access, accessOf } from "../../../server/http/guard.ts";
import { leafSelection, requiredArguments } from "../../support/graph-documents.ts";
import { type RunningApp, startApp, type TestClient } from "../../support/start-app.ts";

/** Who asks, and what they hold. */
interface Asker {
  name: string;
  scopes: readonly GrantedScope[];
  isSignedIn: boolean;
  client: TestClient;
}

/** Somebody whose role was made here. */
async function withCustomRole(scopes: Scope[]): Promise<Asker> {
  const admin = await app.session("admin");
  await admin.send("POST", "/api/v3/roles", { name: "custom", description: "", scopes });
  return { name: "custom role", scopes, isSignedIn: true, client: await app.session("custom") };
}

/** They would end the session of the asker in the midst of the matrix. */
const ENDS_THE_ASKER = new Set(["DELETE /api/v3/session"]);
const ABSENT_ID = "01a1fd42-0000-7000-8000-000000000000";

let app: RunningApp;
let askers: Asker[];

beforeAll(async () => {
  app = await startApp();
  const person = async (role: RoleName): Promise<Asker> => ({
    name: role,
    scopes: ROLES[role].scopes,
    isSignedIn: true,
    client: await app.session(role),
  });
  askers = [
    { name: "nobody", scopes: [], isSignedIn: false, client: app.guest() },
    await person("viewer"),
    await person("operator"),
    await person("admin"),
    await withCustomRole(["metrics:read", "audit:read"]),
    ...(await Promise.all(
      SCOPE_AREAS.map(async (area): Promise<Asker> => {
        const scopes = SCOPE_AREAS.filter((other) => other !== area).map((other): Scope => `${other}:admin`);
        return { name: `token without ${area}`, scopes, isSignedIn: true, client: await app.token(scopes) };
      }),
    )),
  ];
});
afterAll(() => app[Symbol.asyncDispose]());

describe("who may call what", () => {
  test("every REST route refuses exactly those who lack what it states", async () => {
    const surprises: string[] = [];
    for (const { method, path, hooks } of app.app.surface.router.routes) {
      const access = accessOf(hooks);
      const route = `${method} ${path}`;
      if (access === undefined || path === "/graphql" || ENDS_THE_ASKER.has(route)) continue;
      for (const asker of askers) {
        const response = await asker.client.send(method, path.replace(/:\w+/, ABSENT_ID), undefined);
        const { code, detail } = await refusalOf(response);
        if (isSurprise(access, asker, code, detail)) {
          surprises.push(`${asker.name}: ${route} → ${response.status} ${code}`);
        }
      }
    }
    expect(surprises).toEqual([]);
  });

  test("every GraphQL root field refuses exactly those who lack what it states", async () => {
    const surprises: string[] = [];
    const schema = (await app.app.surface.graph?.open())?.engine.schema;
    if (!schema) throw new Error("GraphQL is off");
    const [query, mutation] = rootTypes(schema);
    for (const type of [query, mutation]) {
      for (const field of Object.values(type?.getFields() ?? {})) {
        const { access } = policyOf(field);
        const document = `${type === mutation ? "mutation" : "query"} { ${field.name}${requiredArguments(field)}${leafSelection(field)} }`;
        for (const asker of askers) {
          const { result } = await asker.client.graphql(document);
          const [error] = result.errors ?? [];
          if (isSurprise(access, asker, error?.extensions.code, error?.message)) {
            surprises.push(`${asker.name}: ${document} → ${JSON.stringify(result)}`);
          }
        }
      }
    }
    expect(surprises).toEqual([]);
  });

  test("every GraphQL subscription refuses exactly those who lack what it states", async () => {
    const surprises: string[] = [];
    const graph = await app.app.surface.graph?.open();
    const subscriptions = graph?.engine.schema.getSubscriptionType();
    for (const field of Object.values(subscriptions?.getFields() ?? {})) {
      const { access } = policyOf(field);
      const query = `subscription { ${field.name}${requiredArguments(field)}${leafSelection(field)} }`;
      for (const asker of askers) {
        const answer = await asker.client
          .with({ accept: "text/event-stream" })
          .send("POST", "/graphql", { query });
        const text = isAllowed(access, asker) ? "" : await answer.text();
        await answer.body?.cancel().catch(() => undefined);
        const code = /"code":"(\w+)"/.exec(text)?.[1];
        const isRefused = code === (asker.isSignedIn ? "scope_missing" : "unauthenticated");
        if (isRefused === isAllowed(access, asker)) surprises.push(`${asker.name}: ${query} → ${code}`);
      }
    }
    expect(surprises).toEqual([]);
  });

  test("every WebSocket opens for exactly those who hold what it states", async () => {
    const surprises: string[] = [];
    for (const { path, access, protocol } of app.app.surface.sockets.routes) {
      for (const asker of askers) {
        const didOpen = await opens(`${app.address.replace("http", "ws")}${path}`, {
          ...asker.client.headers,
          ...(protocol === undefined ? {} : { "sec-websocket-protocol": protocol }),
        });
        if (didOpen !== isAllowed(access, asker)) surprises.push(`${asker.name}: ${path} → ${didOpen}`);
      }
    }
    expect(surprises).toEqual([]);
  });

  test("no GraphQL field and no WebSocket is open", async () => {
    const { graph, sockets } = app.app.surface;
    const opened = await graph?.open();
    const fields = (opened ? rootTypes(opened.engine.schema) : []).flatMap((type) =>
      Object.values(type.getFields())
        .filter((field) => policyOf(field).access === "open")
        .map((field) => `${type.name}.${field.name}`),
    );
    expect(fields).toEqual([]);
    expect(sockets.routes.filter(({ access }) => access === "open")).toEqual([]);
  });

  test("nothing but what is meant to be open is open", () => {
    const open = app.app.surface.router.routes.filter(({ hooks }) => accessOf(hooks) === "open");
    expect(open.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
      "GET /api/health",
      "GET /api/v3/setup",
      "GET /api/v3/sign-in",
      "GET /api/v3/sign-in/:provider",
      "GET /api/v3/sign-in/:provider/callback",
      "GET /docs",
      "GET /graphql",
      "GET /livez",
      "GET /openapi.json",
      "GET /readyz",
      "GET /redoc",
      "POST /api/v3/password-resets",
      "POST /api/v3/session",
      "POST /api/v3/setup",
      "POST /graphql",
    ]);
  });
});

/** Whether a WebSocket opens. */
const opens = (url: string, headers: Record<string, string>): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = new WebSocket(url, { headers } as unknown as string[]);
    socket.onopen = () => {
      socket.close();
      resolve(true);
    };
    socket.onerror = () => resolve(false);
  });

function isAllowed(access: Access | undefined, { scopes, isSignedIn }: Asker): boolean {
  if (access === "open") return true;
  return access === "signed-in" ? isSignedIn : access !== undefined && covers(scopes, access);
}

/** Whoever lacks the scope must be refused; whoever holds it may still be refused by a finer rule, but not for that scope. */
function isSurprise(
  access: Access | undefined,
  asker: Asker,
  code: string | undefined,
  sentence: string | undefined,
): boolean {
  if (!isAllowed(access, asker)) return code !== (asker.isSignedIn ? "scope_missing" : "unauthenticated");
  return code === "unauthenticated" ? asker.isSignedIn : sentence === `This needs the scope ${access}.`;
}

async function refusalOf(response: Response): Promise<{ code?: string; detail?: string }> {
  if (response.headers.get("content-type")?.includes("problem")) {
    return (await response.json()) as { code: string; detail: string };
  }
  await response.body?.cancel();
  return {};
}
