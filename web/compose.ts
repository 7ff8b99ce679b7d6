import { ThemeChoice } from "./controllers/theme-choice.ts";
import { type AlertChange, AlertWatch } from "./data/alert-watch.ts";
import { alertAttention, coveredBy } from "./data/alert-words.ts";
import { Alerts } from "./data/alerts.ts";
import type { Alert } from "./data/alerts-types.ts";
import { Api } from "./data/api.ts";
import { Attention } from "./data/attention.ts";
import { AuditTrail } from "./data/audit.ts";
import { Connection } from "./data/connection.ts";
import { Events, EventTail } from "./data/events.ts";
import { GraphFeed } from "./data/graph-feed.ts";
import { Incidents, IncidentWatch } from "./data/incidents.ts";
import { LiveMetrics } from "./data/live.ts";
import { openSocket } from "./data/live-socket.ts";
import { Metrics } from "./data/metrics.ts";
import { Operations } from "./data/operations.ts";
import { People } from "./data/people.ts";
import { attentionOf } from "./data/plugin-attention.ts";
import { PluginLog } from "./data/plugin-log.ts";
import { PluginWatch } from "./data/plugin-watch.ts";
import { Plugins } from "./data/plugins.ts";
import { PersonalPreferences } from "./data/preferences.ts";
import type { ReconnectDependencies } from "./data/reconnecting-socket.ts";
import { SecretVault } from "./data/secrets.ts";
import { Session } from "./data/session.ts";
import { Settings } from "./data/settings.ts";
import { TimeContext } from "./data/time-context.ts";
import { Toasts } from "./data/toasts.ts";
import { Traces } from "./data/traces.ts";
import { VersionWatch } from "./data/version-watch.ts";
import { BROWSER_CLOCK } from "./lib/clock.ts";
import { adoptHabits } from "./lib/viewer.ts";
import { Waking } from "./lib/waking.ts";
import { BROWSER_HISTORY, type Route, Router } from "./shell/router.ts";

/** Everything the shell hands out to its pages, each page getting only what it asks for. */
export interface Parts {
  api: Api;
  /** What sockets are opened with. */
  feeds: ReconnectDependencies;
  session: Session;
  live: LiveMetrics;
  connection: Connection;
  time: TimeContext;
  metrics: Metrics;
  people: People;
  vault: SecretVault;
  trail: AuditTrail;
  settings: Settings;
  events: Events;
  eventTail: EventTail;
  incidents: Incidents;
  plugins: Plugins;
  pluginWatch: PluginWatch;
  pluginLog: PluginLog;
  operations: Operations;
  traces: Traces;
  alerts: Alerts;
  alertWatch: AlertWatch;
  attention: Attention;
  version: VersionWatch;
  theme: ThemeChoice;
  preferences: PersonalPreferences;
  toasts: Toasts;
  router: Router<Parts>;
}

/** Makes and joins the dashboard's parts: the one place that does. */
export function compose(routes: readonly Route<Parts>[]): Parts {
  const api = new Api();
  const waking = new Waking();
  waking.listen();
  const feeds = { openSocket, clock: BROWSER_CLOCK, random: Math.random, woken: waking.count };
  const live = new LiveMetrics(feeds);
  const metrics = new Metrics(api);
  const session = new Session(api);
  const incidents = new Incidents(api);
  const attention = new Attention(live, BROWSER_CLOCK);
  const watch = new IncidentWatch(incidents, session, live);
  watch.open.subscribe((open) => {
    attention.openErrors = open;
    attention.look();
  });
  const plugins = new Plugins(api);
  const pluginChanges = new GraphFeed<unknown>(feeds);
  const pluginWatch = new PluginWatch({
    plugins,
    session,
    live,
    changes: pluginChanges,
    after: BROWSER_CLOCK.after,
  });
  pluginWatch.plugins.subscribe((known) => {
    attention.plugins = attentionOf(known ?? [], pluginWatch.sandbox.value);
    attention.look();
  });
  const toasts = new Toasts(BROWSER_CLOCK);
  const alerts = new Alerts(api);
  const alertChanges = new GraphFeed<AlertChange>(feeds);
  const alertWatch = new AlertWatch({
    alerts,
    session,
    changes: alertChanges,
    after: BROWSER_CLOCK.after,
  });
  const acknowledge = ({ id }: Pick<Alert, "id">): void => {
    alerts.perform(id, "acknowledge").then(
      (alert) => alertWatch.hear(alert),
      (error: unknown) => toasts.sayFailure(error),
    );
  };
  alertWatch.open.subscribe((open = []) => {
    attention.alerts = alertAttention(open, session.can("alerts:write") ? acknowledge : undefined);
    attention.covered = coveredBy(open);
    attention.look();
  });
  const storage = availableStorage();
  const theme = new ThemeChoice(document.documentElement, storage);
  const preferences = new PersonalPreferences(api, storage);
  preferences.state.subscribe((chosen) => {
    theme.choose(chosen.theme);
    adoptHabits(chosen);
  });
  return {
    api,
    feeds,
    session,
    live,
    connection: new Connection({
      live,
      changes: [pluginChanges, alertChanges],
      wake: () => waking.wake(),
    }),
    time: new TimeContext(() => live.now()),
    metrics,
    people: new People(api),
    vault: new SecretVault(api),
    trail: new AuditTrail(api),
    settings: new Settings(api),
    events: new Events(api),
    eventTail: new EventTail(feeds),
    incidents,
    plugins,
    pluginWatch,
    pluginLog: new PluginLog(plugins, new GraphFeed(feeds)),
    alerts,
    alertWatch,
    operations: new Operations(api),
    traces: new Traces(api),
    attention,
    version: new VersionWatch(metrics, live),
    theme,
    preferences,
    toasts,
    router: new Router(routes, BROWSER_HISTORY),
  };
}

/** Browsers that block storage throw on the mere mention of it. */
function availableStorage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}
