import { describe, expect, test } from "bun:test";
import type { DurableHandler } from "../../../../server/events/durable.ts";
import type { Event } from "../../../../server/events/event.ts";
import { Hooks } from "../../../../server/plugins/hooks/hooks.ts";
import { PriorityGate } from "../../../../server/plugins/hooks/priority-gate.ts";
import { fakePackage } from "../packages.ts";
import { runningUnit, standing } from "../supervision/unit-scenario.ts";

/** The bus, as far as hooks see it. */
class FakeBus {
  readonly handlers = new Map<string, { pattern: string; handler: DurableHandler }>();
  readonly ended: string[] = [];

  async subscribeDurably(
    pattern: string,
    handler: DurableHandler,
    { name }: { name: string },
  ): Promise<void> {
    this.handlers.set(name, { pattern, handler });
  }

  async unsubscribeDurably(name: string): Promise<void> {
    this.handlers.delete(name);
    this.ended.push(name);
  }

  /** Gives the event to everybody, whatever their pattern. */
  publish(event: Event): Promise<PromiseSettledResult<void>[]> {
    const { signal } = new AbortController();
    return Promise.allSettled([...this.handlers.values()].map(({ handler }) => handler(event, signal)));
  }
}

const event = (payload: unknown, more: Partial<Event> = {}): Event => ({
  seq: 1,
  id: "e1",
  type: "order.placed",
  time: 0,
  source: "app/shop",
  correlationId: "c1",
  payload,
  ...more,
});

const hearing = (id: string, hook: object = {}) =>
  fakePackage({ id, hooks: [{ event: "order.*", ...hook }] });

describe("a hook", () => {
  test("hands over what its filter lets through, and counts the attempts of what fails", async () => {
    const bus = new FakeBus();
    let failures = 2;
    const { unit, process } = await runningUnit(hearing("one", { filter: { country: "NZ" } }), (fake) => {
      fake.answerEvent = () => {
        if (failures-- > 0) throw new Error("not yet");
      };
    });
    const hooks = new Hooks({ events: bus, report: () => undefined, isGranted: () => true });
    hooks.follow(unit);
    await hooks.settled();
    await bus.publish(event({ country: "DE" }));
    await bus.publish(event("no object"));
    expect(process.delivered).toEqual([]);
    const outcomes = [];
    for (let attempt = 0; attempt < 3; attempt++)
      outcomes.push(...(await bus.publish(event({ country: "NZ" }))));
    expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
    expect(process.delivered.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });

  test("that was not granted hears nothing", async () => {
    const bus = new FakeBus();
    const { unit } = await runningUnit(hearing("one"));
    const hooks = new Hooks({ events: bus, report: () => undefined, isGranted: () => false });
    hooks.follow(unit);
    await hooks.settled();
    expect(bus.handlers.size).toBe(0);
  });

  test("ends with a pause and keeps its name, and so its place, for the time after", async () => {
    const bus = new FakeBus();
    const pluginPackage = hearing("one");
    const { unit } = await runningUnit(pluginPackage);
    const hooks = new Hooks({ events: bus, report: () => undefined, isGranted: () => true });
    hooks.follow(unit);
    await hooks.settled();
    const [name = ""] = bus.handlers.keys();
    await unit.apply(standing(pluginPackage, { isPaused: true }));
    hooks.follow(unit);
    await hooks.settled();
    expect([bus.handlers.size, bus.ended]).toEqual([0, [name]]);
    await unit.apply(standing(pluginPackage));
    hooks.follow(unit);
    await hooks.settled();
    expect([...bus.handlers.keys()]).toEqual([name]);
  });

  test("that hangs is given up when its plugin is paused", async () => {
    const bus = new FakeBus();
    const pluginPackage = hearing("one");
    const { unit } = await runningUnit(pluginPackage, (fake) => {
      fake.answerEvent = () => new Promise(() => undefined);
    });
    const hooks = new Hooks({ events: bus, report: () => undefined, isGranted: () => true });
    hooks.follow(unit);
    await hooks.settled();
    const delivery = bus.publish(event({}));
    await unit.apply(standing(pluginPackage, { isPaused: true }));
    hooks.follow(unit);
    expect(await delivery).toMatchObject([{ status: "rejected", reason: { code: "cancelled" } }]);
  });

  test("does not hear what the plugin says, nor what is said of it: that would go round in a circle", async () => {
    const bus = new FakeBus();
    const { unit, process } = await runningUnit(hearing("one"));
    const hooks = new Hooks({ events: bus, report: () => undefined, isGranted: () => true });
    hooks.follow(unit);
    await hooks.settled();
    await bus.publish(event({}, { source: "plugin:one" }));
    await bus.publish(event({ pluginId: "one" }, { type: "plugin.changed" }));
    expect(process.delivered).toEqual([]);
    await bus.publish(event({ pluginId: "other" }, { type: "plugin.changed" }));
    expect(process.delivered.length).toBe(1);
  });

  test("of higher priority is served first, and one that hangs holds up no other", async () => {
    const bus = new FakeBus();
    const order: string[] = [];
    const hooks = new Hooks({ events: bus, report: () => undefined, isGranted: () => true });
    for (const [id, priority] of [
      ["low", -5],
      ["hanging", 100],
      ["high", 10],
    ] as const) {
      const { unit } = await runningUnit(hearing(id, { priority }), (fake) => {
        fake.answerEvent = () => {
          order.push(id);
          return id === "hanging" ? new Promise(() => undefined) : undefined;
        };
      });
      hooks.follow(unit);
      await hooks.settled();
    }
    const handlers = [...bus.handlers.values()].map(({ handler }) =>
      handler(event({}), new AbortController().signal),
    );
    await Promise.all([handlers[0], handlers[2]]);
    expect(order).toEqual(["hanging", "high", "low"]);
  });
});

test("the gate lets in as many as it may, those of higher priority first", async () => {
  const gate = new PriorityGate(2);
  const begun: number[] = [];
  const doors = new Map<number, () => void>();
  const section = (priority: number) =>
    gate.run(priority, () => {
      begun.push(priority);
      return new Promise<void>((resolve) => doors.set(priority, resolve));
    });
  const sections = [1, 4, 2, 3].map(section);
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  await turn();
  expect(begun).toEqual([4, 3]);
  doors.get(4)?.();
  await sections[1];
  await turn();
  expect(begun).toEqual([4, 3, 2]);
});
