import { Definitions } from "../alerts/definitions/definitions.ts";
import { DefinitionStore } from "../alerts/definitions/store.ts";
import type { AlertVerbs } from "../alerts/edge.ts";
import { startAlertJobs } from "../alerts/jobs.ts";
import { ChannelDelivery, type SendToPlugin } from "../alerts/notify/channel-delivery.ts";
import { Messenger } from "../alerts/notify/messenger.ts";
import { NoticeStore } from "../alerts/notify/notice-store.ts";
import { Notifications } from "../alerts/notify/notifications.ts";
import { Notifier } from "../alerts/notify/notifier.ts";
import { Routing } from "../alerts/notify/routing.ts";
import { Silence } from "../alerts/notify/silence.ts";
import { alertRoutes } from "../alerts/rest.ts";
import { EventWatch } from "../alerts/rules/event-watch.ts";
import { MetricWatch } from "../alerts/rules/metric-watch.ts";
import { RulePreview } from "../alerts/rules/preview.ts";
import { Alerts } from "../alerts/service.ts";
import { AlertStore } from "../alerts/store.ts";
import { AppError } from "../errors/app-error.ts";
import type { GraphFeature } from "../http/graphql-types.ts";
import type { Sampler } from "../metrics/sampler.ts";
import type { SampleStore } from "../metrics/store.ts";
import type { Audit } from "../security/audit.ts";
import type { Base } from "./base.ts";
import type { Delivery } from "./delivery.ts";
import type { PluginSystem } from "./plugins.ts";

/** What alerts are built on. */
interface AlertBase extends Base, Delivery {
  audit: Audit;
  store: SampleStore;
  sampler: Sampler;
}

const CALLER = "alerts";
const EDITED = "The rule was changed or removed.";

/**
 * Alerts, their rules, and who is told, joined. This module, and with it every module of theirs, is evaluated only when
 * `features.alerts` is on. Nothing runs yet.
 */
export async function composeAlerts(base: AlertBase, pluginSystem: PluginSystem | undefined) {
  const { clock, configuration, timers, audit, events, outbox, incidents, databases, sampler } = base;
  const database = databases.state;
  const store = new AlertStore(database);
  const notices = new NoticeStore(database);
  const alerts = new Alerts({ database, clock, store, events, outbox, audit });
  const definitions = new Definitions({
    ...{ database, clock, audit, store: new DefinitionStore(database) },
    ruleEnds: (tx, ruleId, by) => alerts.resolveAllOfRule(tx, ruleId, by, EDITED),
  });
  const silence = new Silence(definitions, store);
  const report = incidents.record;
  const messenger = new Messenger({
    ...{ clock, notices, definitions, outbox, report },
    dashboardUrl: () => configuration.settings.server.publicUrl,
  });
  const notifier = new Notifier({ database, clock, store, notices, definitions, messenger, silence, report });
  const notifications = new Notifications(outbox, definitions, audit);
  const delivery = new ChannelDelivery(definitions, sendBy(pluginSystem));
  outbox.register(new Routing({ clock, store, notices, definitions }));
  outbox.register(delivery);
  const metricWatch = new MetricWatch({ clock, alerts, store, definitions, samples: sampler, report });
  const eventWatch = new EventWatch({ alerts, definitions, events });
  incidents.onEscalation((tx, { incident: { id, code, message, count }, reason }) =>
    alerts.raiseIn(
      tx,
      {
        ...{ type: "error", severity: reason === "urgent" ? "HIGH" : "MEDIUM", source: "error" },
        message: `${message} (${count === 1 ? code : `${code}, ${count} times`})`,
        labels: { code, incident: id },
      },
      "error centre",
    ),
  );
  await definitions.open();
  await eventWatch.follow();
  const where = "a change of what is set up of alerts";
  definitions.onChange(async () => {
    const followed = [metricWatch.follow(), eventWatch.follow(), notifier.lookAgain()];
    await Promise.all(followed.map((one) => one.catch((error: unknown) => report(error, { where }))));
  });
  const preview = new RulePreview({ samples: base.store, events });
  const verbs: AlertVerbs = {
    ...{ alerts, definitions, preview, metricWatch, delivery, notices, notifications, outbox, audit, clock },
    follow: (options) => events.follow(options),
  };
  return {
    verbs,
    routes: () => alertRoutes(verbs),
    graph: async (): Promise<GraphFeature> => (await import("../alerts/graphql.ts")).alertGraph(verbs),
    async start(): Promise<void> {
      await metricWatch.start();
      startAlertJobs(timers, { alerts, notifier });
    },
    stop: () => metricWatch.stop(),
  };
}

export type AlertSystem = Awaited<ReturnType<typeof composeAlerts>>;

/** @throws AppError `feature_off` at the call, when there are no plugins */
const sendBy =
  (pluginSystem: PluginSystem | undefined): SendToPlugin =>
  async (pluginId, alert, signal) => {
    if (!pluginSystem) throw new AppError("feature_off", "Plugins are switched off: a channel is one.");
    const { plugins } = pluginSystem.verbs;
    const type = plugins.get(pluginId).unit.inForce?.manifest.type;
    if (type !== undefined && type !== "alert") {
      throw new AppError("validation_failed", `${pluginId} is a plugin of type ${type}, not alert.`);
    }
    return plugins.execute(pluginId, { alert }, { caller: CALLER, correlationId: alert.id, signal });
  };
