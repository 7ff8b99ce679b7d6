import { statSync } from "node:fs";
import { SAMPLES_MIGRATIONS } from "../schema/migrations/samples/index.ts";
import { STATE_MIGRATIONS } from "../schema/migrations/state/index.ts";
import { Cache } from "./cache/cache.ts";
import { Configuration } from "./config/configuration.ts";
import { ConfigurationFiles } from "./config/configuration-files.ts";
import { environmentLayer } from "./config/environment.ts";
import { InvalidConfiguration } from "./config/invalid-configuration.ts";
import type { Layer } from "./config/layers.ts";
import { type DataFolder, freeSpace } from "./database/data-folder.ts";
import { Database } from "./database/database.ts";
import { Events } from "./events/events.ts";
import { startEventJobs } from "./events/jobs.ts";
import { Traffic } from "./http/traffic.ts";
import { startIncidentJobs } from "./incidents/jobs.ts";
import { Recovery } from "./incidents/recovery.ts";
import { incidentRules } from "./incidents/rules.ts";
import { Incidents } from "./incidents/service.ts";
import { standardStrategies } from "./incidents/strategies.ts";
import { BUILD } from "./lib/build-facts.ts";
import { type Clock, systemClock } from "./lib/clock.ts";
import { type Logger, silentLogger } from "./logs/logger.ts";
import { collectors } from "./metrics/collect/collectors.ts";
import type { Retention } from "./metrics/retention.ts";
import { Sampler } from "./metrics/sampler.ts";
import { Metrics } from "./metrics/service.ts";
import { SAMPLES_FILE, SampleStore } from "./metrics/store.ts";
import { Outbound } from "./outbound/outbound.ts";
import { startOutboxJobs } from "./outbox/jobs.ts";
import { Outbox } from "./outbox/outbox.ts";
import { Timers } from "./scheduler/timers.ts";
import { startSecretJobs } from "./secrets/jobs.ts";
import { KeyFile } from "./secrets/key-file.ts";
import { KeyStore } from "./secrets/key-store.ts";
import { Keyring, keyMismatch } from "./secrets/keyring.ts";
import { Redactor } from "./secrets/redactor.ts";
import { Secrets } from "./secrets/service.ts";
import { SecretStore } from "./secrets/store.ts";
import { Access } from "./security/access.ts";
import { startAuditJobs } from "./security/audit/jobs.ts";
import { Audit } from "./security/audit.ts";
import { chainKey } from "./security/audit-chain.ts";
import { AuditHead } from "./security/audit-head.ts";
import { AuditLog } from "./security/audit-log.ts";
import { AuditStore } from "./security/audit-store.ts";
import { Credentials } from "./security/credentials.ts";
import { DeviceCookies } from "./security/device-cookie.ts";
import { flushAccess, startAccessJobs } from "./security/jobs.ts";
import { FlowCookies } from "./security/oidc/flow-cookie.ts";
import { Identities } from "./security/oidc/identities.ts";
import { IdentityStore } from "./security/oidc/identity-store.ts";
import { ProviderSignIn } from "./security/oidc/provider-sign-in.ts";
import { Providers } from "./security/oidc/providers.ts";
import { PasswordReset } from "./security/password-reset.ts";
import { PasswordResetStore } from "./security/password-reset-store.ts";
import { Passwords } from "./security/passwords.ts";
import { RateLimits } from "./security/rate-limits.ts";
import { Recorder } from "./security/recorder.ts";
import { RoleStore } from "./security/roles/role-store.ts";
import { Roles } from "./security/roles/roles.ts";
import { SessionStore } from "./security/session-store.ts";
import { Sessions } from "./security/sessions.ts";
import { Setup } from "./security/setup.ts";
import { SetupStore } from "./security/setup-store.ts";
import { SignIn } from "./security/sign-in.ts";
import { TokenStore } from "./security/token-store.ts";
import { Tokens } from "./security/tokens.ts";
import { UserStore } from "./security/user-store.ts";
import { Users } from "./security/users.ts";
import { ConfigurationEditor } from "./settings/configuration-editor.ts";
import { FileReload } from "./settings/file-reload.ts";
import { HistoryStore } from "./settings/history-store.ts";
import { ConfigurationJournal } from "./settings/journal.ts";
import { loadOverrides } from "./settings/overrides.ts";
import { PreferenceStore } from "./settings/preference-store.ts";
import { Proposals } from "./settings/proposals.ts";
import { RemoteAnswerFile } from "./settings/remote-answer-file.ts";
import { RemoteSource } from "./settings/remote-source.ts";
import { UserPreferences } from "./settings/user-preferences.ts";

/** Memory for the cached answers of GraphQL queries. */
const ANSWER_CACHE_BYTES = 16 * 1024 * 1024;
const MAINTENANCE_INTERVAL_MS = 60_000;
/** What deliveries under way may take once the server stops. */
const DELIVERY_GRACE_MS = 5_000;

/** How live reading fares while it is switched off. */
const NO_LIVE_READERS = { connections: 0, droppedSlow: 0, skippedFrames: 0 } as const;

/** Where the settings come from, besides the defaults. */
export interface ConfigurationSources {
  /** The data folder, absolute or relative to the working directory. */
  dataFolder: string;
  /** Configuration file in place of the one in the data folder; it must exist then. */
  configFile?: string | undefined;
  environment: Readonly<Record<string, string | undefined>>;
  /** Dotted key → value from the command line. */
  flags?: ReadonlyMap<string, unknown>;
}

/** What `compose` needs beside the configuration. */
export interface ComposeOptions {
  configuration: Configuration;
  /** Where the configuration was read from; edits of these files take effect once the parts run. */
  files?: ConfigurationFiles;
  folder: DataFolder;
  log?: Logger;
  clock?: Clock;
  /** What keeps secrets out of the log, which begins before the secrets are open. */
  redactor?: Redactor;
}

/** The configuration files of these sources. @throws InvalidConfiguration */
export const configurationFiles = ({
  dataFolder,
  configFile,
  environment,
}: ConfigurationSources): ConfigurationFiles =>
  new ConfigurationFiles({ folder: dataFolder, configFile, environmentName: environment.BINNACLE_ENV });

/** Reads the layers that this machine holds: files → environment → flags. @throws InvalidConfiguration */
export function readConfiguration(
  sources: ConfigurationSources,
  files: ConfigurationFiles = configurationFiles(sources),
): Configuration {
  const { environment } = sources;
  const flags: Layer = { kind: "flags", origin: "flags", values: sources.flags ?? new Map() };
  return new Configuration([...files.read(), environmentLayer(environment), flags], { environment });
}

/**
 * Makes and joins all parts. The databases are open afterwards and nothing runs: no timer, no socket, no sampling.
 * An offline command works with the parts as they are; `serve` starts them by {@link startParts}. Both end with
 * {@link closeParts}.
 *
 * @throws AppError when a database cannot be opened; what was opened before is closed again.
 */
export async function compose({
  configuration,
  files,
  folder,
  log = silentLogger,
  clock = systemClock,
  redactor = new Redactor(),
}: ComposeOptions): Promise<Parts> {
  const { paths } = folder;
  await using opened = new AsyncDisposableStack();
  const state = Database.open({
    path: paths.stateDatabase,
    migrations: STATE_MIGRATIONS,
    synchronous: "FULL",
  });
  opened.defer(() => state.close());
  const samples = Database.open({
    path: paths.samplesDatabase,
    migrations: SAMPLES_MIGRATIONS,
    ...SAMPLES_FILE,
  });
  opened.defer(() => samples.close());
  const errorCentre = composeIncidents(configuration, state, clock, redactor);
  const timers = new Timers(clock, log.child("timers"), (name, work) =>
    errorCentre.recovery.run({ where: `timer ${name}`, work, isRepeatable: true }),
  );
  const traffic = new Traffic();
  const answers = new Cache<string>({
    maxEntries: configuration.settings.queryCache.maxEntries,
    maxSizeBytes: ANSWER_CACHE_BYTES,
    sizeOf: (text) => text.length,
    clock,
  });
  const databases = { state, samples };
  const base: Base = {
    configuration,
    folder,
    log,
    clock,
    timers,
    traffic,
    answers,
    databases,
    ...errorCentre,
  };
  const kept = await composeSecrets(base, redactor);
  const delivery = await composeDelivery(base, redactor);
  const access = composeAccess(base, kept.audit, delivery);
  const settings = await composeSettings(base, kept.audit, delivery, files);
  const features = await loadFeatures(base);
  const metrics = composeMetrics(base, features, delivery);
  const parts = {
    ...base,
    ...kept,
    ...access,
    ...delivery,
    ...settings,
    ...metrics,
    ...features,
  };
  const closing = opened.move();
  return { ...parts, closeDatabases: () => closing.disposeAsync() };
}

/** What every feature is built on. */
interface Base {
  configuration: Configuration;
  folder: DataFolder;
  log: Logger;
  clock: Clock;
  timers: Timers;
  traffic: Traffic;
  /** Answers of GraphQL queries; a verb that changes what a tag stands for invalidates it. */
  answers: Cache<string>;
  databases: { state: Database; samples: Database };
  incidents: Incidents;
  recovery: Recovery;
}

/** Modules of features that are switched on: what is off is never evaluated. */
async function loadFeatures({ configuration }: Base) {
  const { features } = configuration.settings;
  return {
    graphql: features.graphql ? await import("./graph.ts") : undefined,
    liveMetrics: features.liveMetrics ? await loadLiveMetrics() : undefined,
    queryCache: features.queryCache ? await import("./cache/rest.ts") : undefined,
  };
}

async function loadLiveMetrics() {
  const [{ LiveMetrics }, { liveMetricsSocket }] = await Promise.all([
    import("./metrics/live.ts"),
    import("./metrics/socket.ts"),
  ]);
  return { LiveMetrics, liveMetricsSocket };
}

type Features = Awaited<ReturnType<typeof loadFeatures>>;

/** Every part of Binnacle. */
export type Parts = Base &
  Awaited<ReturnType<typeof composeSecrets>> &
  ReturnType<typeof composeAccess> &
  Delivery &
  Awaited<ReturnType<typeof composeSettings>> &
  ReturnType<typeof composeMetrics> &
  Features & { closeDatabases: () => Promise<void> };

/**
 * Opens the keys, then what they protect: the audit log and the secrets.
 * @throws AppError `key_mismatch` when the master key is another one than what is stored needs.
 */
async function composeSecrets({ configuration, folder, log, clock, databases }: Base, redactor: Redactor) {
  const database = databases.state;
  const { paths, isKeyInFile, ...given } = folder;
  const [keyStore, store] = [new KeyStore(database), new AuditStore(database)];
  const file = isKeyInFile ? new KeyFile(paths.key) : undefined;
  const keyring = await Keyring.open({
    database,
    store: keyStore,
    master: { key: given.key, previousKey: given.previousKey, file },
    clock,
    firstAuditKey: async (master) => {
      const key = chainKey(master);
      if (await new AuditLog({ database, store, clock, key }).fitsKey()) return key;
      throw keyMismatch(file);
    },
  });
  const key = keyring.auditKey;
  const head = new AuditHead(paths.auditHead, key, clock);
  const audit = new Audit(database, store, clock, key, { head, scrub: redactor.scrub });
  const auditLog = new AuditLog({ database, store, clock, key, head });
  const damage = await auditLog.open(audit);
  if (damage) log.child("audit").error("The chain of the audit log does not hold", { ...damage });
  const secrets = await Secrets.open({
    database,
    store: new SecretStore(database),
    keyStore,
    keyring,
    audit,
    redactor,
    clock,
  });
  resolveSecrets(configuration, secrets, log.child("config"));
  secrets.onChange(({ kind }) => {
    if (kind !== "key_rotated") resolveSecrets(configuration, secrets, log.child("config"));
  });
  return { redactor, keyring, secrets, audit, auditLog };
}

/** A setting that refers to a secret that is not there keeps its value until the secret is. */
function resolveSecrets(configuration: Configuration, secrets: Secrets, log: Logger): void {
  try {
    const { failures } = configuration.openSecrets(secrets.resolver("configuration"));
    for (const failure of failures)
      log.error("A part did not take a setting with a secret", { error: failure });
  } catch (error) {
    if (!(error instanceof InvalidConfiguration)) throw error;
    log.error("A setting refers to a secret that cannot be used", { reason: error.message });
  }
}

/** The error centre, and what recovers before it hears of a failure. */
function composeIncidents(
  configuration: Configuration,
  database: Database,
  clock: Clock,
  redactor: Redactor,
) {
  const rules = () => incidentRules(configuration.settings);
  const incidents = new Incidents({ database, clock, rules, scrub: redactor.scrub });
  const count = incidents.countRecovery.bind(incidents);
  const recovery = new Recovery({ report: incidents.record, count });
  for (const strategy of standardStrategies(clock, count)) recovery.register(strategy);
  return { incidents, recovery };
}

type Delivery = Awaited<ReturnType<typeof composeDelivery>>;

/** What features tell each other and the outside by. */
async function composeDelivery(
  { log, clock, incidents, databases: { state: database } }: Base,
  redactor: Redactor,
) {
  const { scrub } = redactor;
  const events = new Events({ database, clock, log: log.child("events"), scrub, report: incidents.record });
  incidents.onEscalation((tx, { incident: { id: fingerprint, code, message, count }, reason }) =>
    events.publishIn(tx, { type: "error.escalated", payload: { fingerprint, code, message, count, reason } }),
  );
  await events.start();
  const outbox = new Outbox({ database, events, clock, log: log.child("outbox") });
  return { events, outbox, outbound: new Outbound({ clock }) };
}

function composeAccess(
  { configuration, folder, clock, databases: { state } }: Base,
  audit: Audit,
  { events, outbound }: Delivery,
) {
  const rateLimits = new RateLimits(configuration, clock);
  const passwords = new Passwords(rateLimits);
  const sessionStore = new SessionStore(state);
  const tokenStore = new TokenStore(state);
  const userStore = new UserStore(state, new RoleStore(state));
  const resetStore = new PasswordResetStore(state);
  const credentials = new Credentials(sessionStore, tokenStore, resetStore);
  const recorder = new Recorder(audit, events, clock);
  const users = new Users(state, userStore, passwords, credentials, recorder, clock);
  const sessions = new Sessions(state, sessionStore, credentials, recorder, configuration, clock);
  const tokens = new Tokens(state, tokenStore, userStore, credentials, recorder, clock);
  const roles = new Roles(state, userStore, credentials, recorder, clock);
  const passwordReset = new PasswordReset(state, resetStore, users, audit, clock);
  const deviceCookies = new DeviceCookies(folder.key);
  const setup = new Setup(state, new SetupStore(state), users, sessions, audit, clock);
  const signIn = new SignIn(userStore, passwords, sessions, recorder, clock);
  const access = new Access(sessions, tokens, audit);
  const identityStore = new IdentityStore(state);
  const identities = new Identities(state, identityStore, userStore, audit);
  const providers = new Providers(configuration, outbound);
  const providerSignIn = new ProviderSignIn({
    database: state,
    providers,
    identities: identityStore,
    users,
    sessions,
    audit,
    clock,
  });
  const flowCookies = new FlowCookies(folder.key, clock);
  return {
    rateLimits,
    credentials,
    users,
    roles,
    sessions,
    tokens,
    setup,
    signIn,
    passwordReset,
    deviceCookies,
    access,
    identities,
    providers,
    providerSignIn,
    flowCookies,
  };
}

/**
 * Brings the configuration up to what is stored and fetched; afterwards it is the one to start by, and settings that
 * need a restart stay as they are.
 */
async function composeSettings(
  { configuration, folder, log: root, clock, timers, databases: { state: database } }: Base,
  audit: Audit,
  { events, outbound }: Delivery,
  files: ConfigurationFiles | undefined,
) {
  const log = root.child("config");
  const history = new HistoryStore(database);
  const journal = new ConfigurationJournal({
    configuration,
    clock,
    log,
    events: { publish: (type, payload) => events.publishLater({ type, payload }) },
  });
  const editor = new ConfigurationEditor({ configuration, database, history, audit, journal, clock });
  const proposals = new Proposals(configuration, history);
  const ignoredOverrides = loadOverrides(configuration, await editor.overrides());
  for (const problem of ignoredOverrides) log.warning("A stored override cannot be taken", { ...problem });
  const remote = new RemoteSource({
    configuration,
    outbound,
    answers: new RemoteAnswerFile(folder.paths.remoteConfiguration),
    editor,
    journal,
    timers,
    clock,
    log,
  });
  await remote.open();
  configuration.hold();
  const reload = files && new FileReload({ configuration, files, editor, journal, timers, clock, log });
  const preferences = new UserPreferences(database, new PreferenceStore(database), clock);
  return { journal, editor, proposals, ignoredOverrides, remote, files, reload, preferences };
}

function composeMetrics(base: Base, { liveMetrics }: Features, { events }: Delivery) {
  const { configuration, folder, log, clock, timers, traffic, databases, incidents } = base;
  const store = SampleStore.open({
    database: databases.samples,
    clock,
    log: log.child("metrics"),
    retention: retentionOf(configuration.settings),
    readDisk: () => freeSpace(folder.paths.root),
  });
  const statistics = {
    read: () => ({
      ...traffic.read(),
      stateDatabaseBytes: sizeOnDisk(folder.paths.stateDatabase),
      samplesDatabaseBytes: sizeOnDisk(folder.paths.samplesDatabase),
    }),
  };
  const machine = collectors({ clock, statistics });
  const sampler = new Sampler({
    clock,
    timers,
    configuration,
    log: log.child("metrics"),
    machine,
    store,
    report: incidents.record,
    pauses: {
      paused: (reason) => events.publishLater({ type: "metrics.paused", payload: { reason } }),
      resumed: (pausedMs) => events.publishLater({ type: "metrics.resumed", payload: { pausedMs } }),
    },
  });
  const live = liveMetrics && new liveMetrics.LiveMetrics({ clock, configuration, samples: sampler });
  const metrics = new Metrics({
    clock,
    configuration,
    samples: sampler,
    live: live ?? { status: () => NO_LIVE_READERS },
    store,
    processes: machine.processes,
  });
  return { store, machine, sampler, live, metrics };
}

/** Begins what runs by itself: jobs, sampling, live readers. The network is the application's. */
export async function startParts(parts: Parts): Promise<void> {
  const { configuration, store, sampler, live, timers, remote, reload, events, outbox } = parts;
  await outbox.start();
  startOutboxJobs(timers, outbox);
  startEventJobs(timers, events);
  events.publishLater({ type: "server.started", payload: { version: BUILD.version } });
  remote.start();
  reload?.start();
  startIncidentJobs(timers, parts.incidents);
  startAccessJobs(timers, parts);
  startSecretJobs(timers, parts.secrets);
  parts.secrets.onChange((change) => {
    if (change.kind === "key_rotated") {
      const { key, secrets } = change;
      events.publishLater({ type: "secret.key_rotated", payload: { key, secrets } });
    } else events.publishLater({ type: `secret.${change.kind}`, payload: { name: change.name } });
  });
  startAuditJobs(timers, {
    ...parts,
    log: parts.log.child("audit"),
    retentionDays: () => configuration.settings.audit.retentionDays,
    onDamage: ({ seq, reason }) => events.publishLater({ type: "audit.broken", payload: { seq, reason } }),
  });
  timers.every("metrics.maintain", MAINTENANCE_INTERVAL_MS, () => store.maintain());
  configuration.watch(retentionOf, (retention) => store.configure(retention));
  live?.start();
  sampler.start();
}

/**
 * Ends what {@link startParts} began, writes what is kept in memory, closes the databases. Each step is taken whatever
 * becomes of the ones before it: a full disk keeps no file open.
 * @throws what the steps threw; SuppressedError when several did.
 */
export async function closeParts(parts: Parts): Promise<void> {
  const { live, sampler, timers, remote, reload, events, outbox } = parts;
  // In the opposite order: what is put on last ends first.
  await using ending = new AsyncDisposableStack();
  ending.defer(() => parts.closeDatabases());
  ending.defer(() => events.stop());
  ending.defer(() => outbox.stop(DELIVERY_GRACE_MS));
  ending.defer(() => parts.incidents.flush());
  ending.defer(() => flushAccess(parts));
  ending.defer(() => parts.secrets.flushUses());
  ending.defer(() => timers.stop());
  ending.defer(() => sampler.stop());
  ending.defer(() => live?.stop());
  ending.defer(() => reload?.stop());
  ending.defer(() => remote.stop());
}

type Settings = Configuration["settings"];

const retentionOf = ({ metrics, storage }: Settings): Retention => ({
  days: { raw: metrics.rawDays, "1m": metrics.minuteDays, "1h": metrics.hourDays },
  budgetBytes: metrics.budgetBytes,
  minFreePercent: storage.minFreePercent,
  maxSeries: metrics.maxSeries,
});

const sizeOnDisk = (path: string): number =>
  [path, `${path}-wal`].reduce(
    (sum, file) => sum + (statSync(file, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
