import type { Configuration } from "../config/configuration.ts";
import type { ConfigurationFiles } from "../config/configuration-files.ts";
import type { ConfigurationIssue } from "../config/invalid-configuration.ts";
import type { Revision } from "./history-store.ts";
import type { ConfigurationJournal } from "./journal.ts";
import type { ConfigStatus, RevisionView } from "./model.ts";
import type { RemoteSource } from "./remote-source.ts";

/** What is asked for the state of the configuration. */
export interface StatusParts {
  configuration: Configuration;
  journal: ConfigurationJournal;
  /** Stored overrides that this version cannot take. */
  ignoredOverrides: readonly ConfigurationIssue[];
  files?: ConfigurationFiles | undefined;
  remote: RemoteSource;
}

/** How a change leaves by every edge; its snapshot of all overrides stays inside. */
export const revisionView = ({ overrides: _overrides, at, ...rest }: Revision): RevisionView => ({
  ...rest,
  at: iso(at),
});

/** How the configuration fares: what was refused, what waits for a restart, where it is read. */
export function statusView(parts: StatusParts, revision: number): ConfigStatus {
  const { configuration, journal, ignoredOverrides, files, remote } = parts;
  const { status } = remote;
  return {
    revision,
    changedAt: isoOrNull(journal.changedAt ?? null),
    files: files?.present() ?? [],
    rejections: journal.rejections.map(({ at, problems, ...rest }) => ({
      ...rest,
      at: iso(at),
      problems: [...problems],
    })),
    needsRestart: [...configuration.pendingRestart.keys()],
    ignoredOverrides: [...ignoredOverrides],
    remote: status
      ? { ...status, fetchedAt: isoOrNull(status.fetchedAt), askedAt: isoOrNull(status.askedAt) }
      : null,
  };
}

const iso = (atMs: number): string => new Date(atMs).toISOString();
const isoOrNull = (atMs: number | null): string | null => (atMs === null ? null : iso(atMs));
