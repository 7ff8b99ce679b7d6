import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type GraphQLObjectType, getNamedType, isObjectType } from "graphql";
import { rootTypes } from "../../server/http/graphql/schema.ts";
import { IS_FULL, sized } from "../support/sizes.ts";
import { type RunningApp, startApp, type TestClient } from "../support/start-app.ts";
import { badText, badValue } from "./bad-values.ts";
import { Seeded } from "./seeded.ts";

const DOCUMENTS = sized(600, 20_000);
/** A refusal must be cheap: parsing, limits and validation of the worst document that fits. */
const MAX_REFUSAL_MS = 250;

let app: RunningApp;
let admin: TestClient;
let roots: GraphQLObjectType[];

beforeAll(async () => {
  app = await startApp({ withJobs: true });
  admin = await app.token(["*"]);
  const graph = await app.app.surface.graph?.open();
  roots = graph ? rootTypes(graph.engine.schema) : [];
});
afterAll(() => app[Symbol.asyncDispose]());

/** A literal of any kind, most of them of the wrong type. */
function literal(seeded: Seeded): string {
  const value = badValue(seeded);
  if (typeof value === "string") return seeded.next() < 0.3 ? "ENUM" : JSON.stringify(value);
  if (typeof value !== "object" || value === null) return String(value);
  return seeded.pick(["[]", "{}", "[1, [2]]", '{ a: { b: "c" } }', "$unknown"]);
}

function selection(seeded: Seeded, type: GraphQLObjectType, depth: number): string {
  const fields = Object.values(type.getFields());
  const parts = Array.from({ length: 1 + seeded.below(4) }, () => {
    if (seeded.next() < 0.1)
      return seeded.pick(["nothing", "__typename", "...Missing", "... on User { id }", "@skip"]);
    const field = seeded.pick(fields);
    const alias = seeded.next() < 0.2 ? `a${seeded.below(5)}: ` : "";
    const given = field.args
      .filter(() => seeded.next() < 0.6)
      .map((argument) => `${argument.name}: ${literal(seeded)}`);
    const named = getNamedType(field.type);
    const below = isObjectType(named) && depth < 12 ? ` { ${selection(seeded, named, depth + 1)} }` : "";
    return `${alias}${field.name}${given.length > 0 ? `(${given.join(", ")})` : ""}${below}`;
  });
  return parts.join(" ");
}

describe("whatever is sent to GraphQL", () => {
  test("documents made from the schema with wrong values never end in a 5xx or a masked error", async () => {
    const seed = IS_FULL ? Date.now() : 77;
    const seeded = new Seeded(seed);
    const complaints: string[] = [];
    for (let count = 0; count < DOCUMENTS; count++) {
      const root = seeded.pick(roots);
      const query = `${root.name.toLowerCase()} { ${selection(seeded, root, 0)} }`;
      const variables = seeded.next() < 0.5 ? badValue(seeded) : {};
      const response = await admin.send("POST", "/graphql", { query, variables });
      const text = await response.text();
      if (response.status >= 500 || text.includes('"internal"'))
        complaints.push(`${query} → ${response.status} ${text}`);
    }
    expect({ seed, complaints: complaints.slice(0, 5) }).toEqual({ seed, complaints: [] });
  }, 300_000);

  test("the dearest documents that fit are refused or answered quickly", async () => {
    const chain = (length: number, body: string) => {
      const links = Array.from(
        { length },
        (_, index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`,
      );
      return `${links.join(" ")} fragment F${length} on Query { ${body} }`;
    };
    const documents: Record<string, string> = {
      "fragments doubling": `{ ...F0 } ${chain(60, "cacheStats { hits }")}`,
      "fragments doubling over introspection": `{ ...F0 } ${chain(60, "__typename")}`,
      "one field again and again": `{ ${"cacheStats { hits } ".repeat(480)} }`,
      "one fragment again and again": `{ ${"...F ".repeat(400)} } fragment F on Query { cacheStats { hits } }`,
      "many fragments of one field": `{ ${Array.from({ length: 120 }, (_, index) => `...F${index}`).join(" ")} } ${Array.from({ length: 120 }, (_, index) => `fragment F${index} on Query { cacheStats { hits } }`).join(" ")}`,
      "deep introspection": `{ __schema { ${"types { fields { type { ".repeat(8)} name ${"} } }".repeat(8)} } }`,
      "a very deep document": "{ a".repeat(900) + " }".repeat(900),
      "a very deep list": `{ users(limit: ${"[".repeat(900)}${"]".repeat(900)}) { nextCursor } }`,
      "a long comment": `# ${"x".repeat(200_000)}\n{ cacheStats { hits } }`,
      "many variables": `query (${Array.from({ length: 300 }, (_, index) => `$v${index}: Int`).join(", ")}) { cacheStats { hits } }`,
    };
    for (const [name, query] of Object.entries(documents)) {
      const startedAt = performance.now();
      const { status } = await admin.graphql(query);
      const tookMs = performance.now() - startedAt;
      expect([name, status < 500, tookMs < MAX_REFUSAL_MS ? "quick" : `${tookMs} ms`]).toEqual([
        name,
        true,
        "quick",
      ]);
    }
  });

  test("bodies that are no GraphQL request are refused", async () => {
    const seeded = new Seeded(5);
    for (let count = 0; count < 200; count++) {
      const response = await admin.send("POST", "/graphql", badValue(seeded));
      await response.body?.cancel();
      expect(response.status).toBeWithin(400, 500);
    }
    for (let count = 0; count < 100; count++) {
      const search = new URLSearchParams({
        query: badText(seeded),
        variables: badText(seeded),
        extensions: badText(seeded),
      });
      const response = await admin.get(`/graphql?${search}`);
      await response.body?.cancel();
      expect(response.status < 500).toBe(true);
    }
  });

  test("a stranger's document is not even parsed", async () => {
    const { status, result } = await app.guest().graphql("{ this is not ( GraphQL");
    expect(status).toBe(401);
    expect(result.errors?.[0]?.extensions.code).toBe("unauthenticated");
  });
});
