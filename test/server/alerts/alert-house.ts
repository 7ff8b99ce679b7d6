import type { NewAlert } from "../../../server/alerts/alert.ts";
import { Definitions } from "../../../server/alerts/definitions/definitions.ts";
import { DefinitionStore } from "../../../server/alerts/definitions/store.ts";
import {
  type ChannelAlert,
  ChannelDelivery,
  type SendToPlugin,
} from "../../../server/alerts/notify/channel-delivery.ts";
import { Messenger } from "../../../server/alerts/notify/messenger.ts";
import { NoticeStore } from "../../../server/alerts/notify/notice-store.ts";
import { Notifier } from "../../../server/alerts/notify/notifier.ts";
import { Routing } from "../../../server/alerts/notify/routing.ts";
import { Silence } from "../../../server/alerts/notify/silence.ts";
import { Alerts } from "../../../server/alerts/service.ts";
import { AlertStore } from "../../../server/alerts/store.ts";
import type { Database } from "../../../server/database/database.ts";
import type { Clock } from "../../../server/lib/clock.ts";
import { silentLogger } from "../../../server/logs/logger.ts";
import { Outbox } from "../../../server/outbox/outbox.ts";
import { Audit } from "../../../server/security/audit.ts";
import { AuditStore } from "../../../server/security/audit-store.ts";
import type { Caller } from "../../../server/security/caller.ts";
import { OWNER } from "../../../server/security/principal.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { TempFolder } from "../../support/temp-folder.ts";
import { newEvents, openState, until } from "../events/bus.ts";

export const CALLER: Caller = { principal: OWNER, correlationId: "test", clientAddress: "offline" };
const AUDIT_KEY = new Uint8Array(32);

/** The parts of alerts over a database, as `compose` joins them, with a channel of the test's. */
export async function joinAlerts(
  database: Database,
  clock: Clock,
  send: SendToPlugin,
  random: () => number = () => 0,
) {
  const reported: string[] = [];
  const events = newEvents(database, clock);
  await events.start();
  const outbox = new Outbox({ database, events, clock, log: silentLogger, random });
  const audit = new Audit(database, new AuditStore(database), clock, AUDIT_KEY);
  const store = new AlertStore(database);
  const notices = new NoticeStore(database);
  const alerts = new Alerts({ database, clock, store, events, outbox, audit });
  const definitions = new Definitions({
    ...{ database, clock, audit, store: new DefinitionStore(database) },
    ruleEnds: (tx, id, by) => alerts.resolveAllOfRule(tx, id, by, ""),
  });
  await definitions.open();
  const silence = new Silence(definitions, store);
  const report = (thrown: unknown) => void reported.push(String(thrown));
  const messenger = new Messenger({
    ...{ clock, notices, definitions, outbox },
    dashboardUrl: () => "https://binnacle.example/",
    report,
  });
  const notifier = new Notifier({ database, clock, store, notices, definitions, messenger, silence, report });
  outbox.register(new Routing({ clock, store, notices, definitions }));
  outbox.register(new ChannelDelivery(definitions, send));
  return { events, outbox, alerts, definitions, notifier, notices, store, silence, reported, report };
}

/**
 * Alerts with a clock of the test's and a channel that keeps what it is handed.
 * @param random of the jitter between attempts: 0 tries again at once, 1 waits as long as it may
 */
export async function openAlertHouse(send?: SendToPlugin, random?: () => number) {
  const folder = new TempFolder();
  const database = openState(folder.file("state.db"));
  const clock = new ManualClock();
  const sent: ChannelAlert[] = [];
  const keep: SendToPlugin = async (_plugin, alert) => {
    sent.push(alert);
  };
  const parts = await joinAlerts(database, clock, send ?? keep, random);
  await parts.outbox.start();
  const { definitions, outbox, notifier, alerts } = parts;
  const channel = await definitions.create("channel", { name: "ops", plugin: "ops" }, CALLER);
  const isSettled = () =>
    outbox.listTargets().every(({ waiting, failures }) => waiting === 0 || failures > 0);
  return {
    ...parts,
    clock,
    database,
    channel,
    sent,
    route: (body: object = {}) =>
      definitions.create(
        "route",
        { name: "all", channels: [channel.id], groupWaitSeconds: 0, ...body },
        CALLER,
      ),
    raise: async (message: string, more: Partial<NewAlert> = {}) =>
      (await alerts.raise({ type: "t", severity: "HIGH", source: "caller", message, ...more }, "test")).alert,
    /** Lets every queue run empty and what is due be told. */
    async tell(): Promise<void> {
      await until(isSettled);
      await notifier.tick();
      await until(isSettled);
    },
    /** As `tell`, for as long as it takes when there is much. */
    async tellAll(): Promise<void> {
      const isQuiet = () => outbox.listTargets().every(({ waiting }) => waiting === 0);
      while (!isQuiet()) await new Promise((resolve) => setImmediate(resolve));
      for (let before = -1; before !== sent.length; ) {
        before = sent.length;
        await notifier.tick();
        while (!isQuiet()) await new Promise((resolve) => setImmediate(resolve));
      }
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await outbox.stop(0);
      await parts.events.stop();
      await database.close();
      folder[Symbol.dispose]();
    },
  };
}
