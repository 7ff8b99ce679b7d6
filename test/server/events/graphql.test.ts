import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type RunningApp, startApp, type TestClient } from "../../support/start-app.ts";

let app: RunningApp;
let admin: TestClient;
beforeAll(async () => {
  app = await startApp({ withJobs: true });
  admin = await app.token(["*"]);
});
afterAll(() => app[Symbol.asyncDispose]());

/** The data of an operation that must succeed. */
async function ask(query: string, variables: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
  const { result } = await admin.graphql(query, variables);
  expect(result.errors).toBeUndefined();
  return result.data ?? {};
}

const codeOf = async (query: string): Promise<string | undefined> =>
  (await admin.graphql(query)).result.errors?.[0]?.extensions.code;

async function auditActions(): Promise<unknown[]> {
  await app.parts.audit.flush();
  const { auditLog } = await ask("{ auditLog(limit: 200) { items { action target } } }");
  return (auditLog as { items: { action: string; target: string }[] }).items.map(
    ({ action, target }) => `${action} ${target}`,
  );
}

describe("the graph of events", () => {
  test("registers a type, which then checks what is published, and forgets it", async () => {
    const schema = { type: "object", required: ["file"], properties: { file: { type: "string" } } };
    const register = `mutation R($schema: JSON!) {
      registerEventType(name: "download.done", description: "A file is here", schema: $schema) { name origin }
    }`;
    const { registerEventType } = await ask(register, { schema });
    expect(registerEventType).toEqual({ name: "download.done", origin: "registered" });
    expect((await ask('{ eventType(name: "download.done") { schema } }')).eventType).toEqual({ schema });
    const publish = 'mutation { publishEvents(events: [{ type: "download.done", payload: 7 }]) { id } }';
    expect(await codeOf(publish)).toBe("validation_failed");
    expect(await ask('mutation { removeEventType(name: "download.done") }')).toEqual({
      removeEventType: true,
    });
    expect(await codeOf('{ eventType(name: "download.done") { name } }')).toBe("event_type_not_found");
    await ask(publish);
    const actions = await auditActions();
    expect(actions).toContain("event_type.register download.done");
    expect(actions).toContain("event_type.remove download.done");
    expect(actions).toContain("event.publish events");
  });

  test("finds the events of one request", async () => {
    const publish = `mutation { publishEvents(events: [
      { type: "order.paid", payload: 7, correlationId: "order-7" }, { type: "order.paid", payload: 8, correlationId: "order-8" }
    ]) { id } }`;
    await ask(publish);
    expect(await ask('{ events(correlationId: "order-7") { items { payload correlationId } } }')).toEqual({
      events: { items: [{ payload: 7, correlationId: "order-7" }] },
    });
  });

  test("a schema or a description that REST would refuse is refused here", async () => {
    const register = (schema: string, description: string) =>
      codeOf(
        `mutation { registerEventType(name: "a.b", description: "${description}", schema: ${schema}) { name } }`,
      );
    expect(await register("7", "x")).toBe("validation_failed");
    expect(await register('{ type: "object" }', "")).toBe("validation_failed");
    expect(await codeOf("{ parkedEvents(limit: 100000) { nextCursor } }")).toBe("validation_failed");
  });

  test("tells how the bus fares; what a subscriber could not handle is retried and forgotten", async () => {
    let fails = true;
    const handled: string[] = [];
    await app.parts.events.subscribeDurably(
      "park.*",
      async ({ type }) => {
        if (fails) throw new Error("not now");
        handled.push(type);
      },
      { name: "parker", from: "now", maxAttempts: 1 },
    );
    const publish = (type: string) =>
      ask(`mutation { publishEvents(events: [{ type: "${type}", payload: null }]) { id } }`);
    await publish("park.one");
    await publish("park.two");
    const parked = async () => {
      const { parkedEvents } = await ask(
        '{ parkedEvents(subscriber: "parker") { items { id event { type } } } }',
      );
      return (parkedEvents as { items: { id: string; event: { type: string } }[] }).items;
    };
    let items = await parked();
    while (items.length < 2) items = await parked();
    const { eventBus } = await ask(
      "{ eventBus { ring { newestSeq } subscribers { name } durable { name pattern lag backlog { source } } } }",
    );
    expect(eventBus).toMatchObject({
      durable: expect.arrayContaining([expect.objectContaining({ name: "parker", pattern: "park.*" })]),
    });
    fails = false;
    const [first, second] = items;
    await ask(`mutation { retryParkedEvent(id: "${first?.id}") }`);
    await ask(`mutation { discardParkedEvent(id: "${second?.id}") }`);
    while ((await parked()).length > 0);
    expect(handled).toEqual([first?.event.type ?? ""]);
    expect(await codeOf(`mutation { discardParkedEvent(id: "${second?.id}") }`)).toBe(
      "parked_event_not_found",
    );
  });
});

describe("the graph of deliveries", () => {
  test("shows dead letters without their content, tries them anew, forgets them", async () => {
    const { outbox, databases } = app.parts;
    let answer: "rejected" | "delivered" = "rejected";
    outbox.register({
      kind: "graph",
      deliver: async () =>
        answer === "rejected" ? { outcome: answer, reason: "no such place" } : { outcome: answer },
    });
    for (const note of ["one", "two"]) {
      await databases.state.write((tx) =>
        outbox.enqueue(tx, { kind: "graph", target: "t", payload: { note } }),
      );
    }
    const list = async (state: string) => {
      const { deliveries } = await ask(
        `{ deliveries(kind: "graph", state: "${state}") { items { id state lastError target } } }`,
      );
      return (deliveries as { items: { id: string; lastError: string }[] }).items;
    };
    let dead = await list("dead");
    while (dead.length < 2) dead = await list("dead");
    expect(dead[0]).toMatchObject({ lastError: "no such place", target: "t" });
    answer = "delivered";
    await ask(`mutation { retryDelivery(id: "${dead[0]?.id}") }`);
    await ask(`mutation { discardDelivery(id: "${dead[1]?.id}") }`);
    while ((await list("delivered")).length < 1);
    expect(await list("dead")).toEqual([]);
    expect(await codeOf(`mutation { retryDelivery(id: "${dead[1]?.id}") }`)).toBe("delivery_not_found");
    expect(await codeOf('{ deliveries(state: "lost") { nextCursor } }')).toBe("validation_failed");
  });

  test("pauses a target and lets it go on, with a line in the audit log for each", async () => {
    await ask('mutation { pauseDeliveries(kind: "graph", target: "quiet") }');
    const { deliveryTargets } = await ask("{ deliveryTargets { kind target state } }");
    expect(deliveryTargets).toContainEqual({ kind: "graph", target: "quiet", state: "paused" });
    await ask('mutation { resumeDeliveries(kind: "graph", target: "quiet") }');
    const actions = await auditActions();
    for (const verb of ["pause", "resume"]) expect(actions).toContain(`outbox_target.${verb} graph quiet`);
  });
});
