import type { ConfigurationFiles } from "../config/configuration-files.ts";
import type { Audit } from "../security/audit.ts";
import { ConfigurationEditor } from "../settings/configuration-editor.ts";
import { FileReload } from "../settings/file-reload.ts";
import { HistoryStore } from "../settings/history-store.ts";
import { ConfigurationJournal } from "../settings/journal.ts";
import { loadOverrides } from "../settings/overrides.ts";
import { PreferenceStore } from "../settings/preference-store.ts";
import { Proposals } from "../settings/proposals.ts";
import { RemoteAnswerFile } from "../settings/remote-answer-file.ts";
import { RemoteSource } from "../settings/remote-source.ts";
import { UserPreferences } from "../settings/user-preferences.ts";
import type { Base } from "./base.ts";
import type { Delivery } from "./delivery.ts";

/**
 * Brings the configuration up to what is stored and fetched; afterwards it is the one to start by, and settings that
 * need a restart stay as they are.
 */
export async function composeSettings(
  { configuration, folder, log: root, clock, timers, probe, recovery, databases: { state: database } }: Base,
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
    recovery,
    clock,
    log,
  });
  await remote.open();
  configuration.hold();
  const reload =
    files && new FileReload({ configuration, files, editor, journal, timers, clock, log, probe });
  const preferences = new UserPreferences(database, new PreferenceStore(database), clock);
  return { journal, editor, proposals, ignoredOverrides, remote, files, reload, preferences };
}
