import type { Parts } from "../compose.ts";
import { startEventJobs } from "../events/jobs.ts";
import { startIncidentJobs } from "../incidents/jobs.ts";
import { startBreathing } from "../lib/breathe.ts";
import { BUILD } from "../lib/build-facts.ts";
import { startOutboxJobs } from "../outbox/jobs.ts";
import { startSecretJobs } from "../secrets/jobs.ts";
import { startAuditJobs } from "../security/audit/jobs.ts";
import { flushAccess, startAccessJobs } from "../security/jobs.ts";
import { retentionOf } from "./metrics.ts";

const MAINTENANCE_INTERVAL_MS = 60_000;
/** How long the start of the parts may hold back who asks. */
const START_SLICE_MS = 2;
/** What deliveries under way may take once the server stops. */
const DELIVERY_GRACE_MS = 5_000;

/**
 * Begins what runs by itself: jobs, sampling, live readers. The network is the application's, and already open: who asks
 * meanwhile is answered between two steps.
 */
export async function startParts(parts: Parts): Promise<void> {
  const { configuration, store, sampler, live, timers, remote, reload, events, outbox } = parts;
  const breathe = startBreathing(START_SLICE_MS);
  // Who asks meanwhile may change something: that is heard of from the first.
  configuration.watch(retentionOf, (retention) => store.configure(retention));
  parts.secrets.onChange((change) => {
    if (change.kind === "key_rotated") {
      const { key, secrets } = change;
      events.publishLater({ type: "secret.key_rotated", payload: { key, secrets } });
    } else events.publishLater({ type: `secret.${change.kind}`, payload: { name: change.name } });
  });
  await events.start();
  await breathe();
  await outbox.start();
  await breathe();
  startOutboxJobs(timers, outbox);
  startEventJobs(timers, events);
  events.publishLater({ type: "server.started", payload: { version: BUILD.version } });
  remote.start();
  parts.certificate?.start();
  reload?.start();
  startIncidentJobs(timers, parts.incidents);
  startAccessJobs(timers, parts);
  startSecretJobs(timers, parts.secrets);
  startAuditJobs(timers, {
    ...parts,
    log: parts.log.child("audit"),
    retentionDays: () => configuration.settings.audit.retentionDays,
    onDamage: ({ seq, reason }) => events.publishLater({ type: "audit.broken", payload: { seq, reason } }),
  });
  timers.every("metrics.maintain", MAINTENANCE_INTERVAL_MS, () => store.maintain());
  await breathe();
  parts.logSystem?.start();
  parts.profilerSystem?.start();
  await parts.alertSystem?.start();
  await breathe();
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
  ending.defer(() => parts.profilerSystem?.stop());
  ending.defer(() => parts.incidents.flush());
  ending.defer(() => flushAccess(parts));
  ending.defer(() => parts.secrets.flushUses());
  ending.defer(() => parts.alertSystem?.stop());
  ending.defer(() => timers.stop());
  ending.defer(() => sampler.stop());
  ending.defer(() => parts.logSystem?.stop());
  ending.defer(() => live?.stop());
  ending.defer(() => parts.pluginSystem?.stop());
  ending.defer(() => reload?.stop());
  ending.defer(() => remote.stop());
  ending.defer(() => parts.certificate?.stop());
}
