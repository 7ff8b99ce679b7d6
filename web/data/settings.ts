import type { Scope } from "../../schema/rules/scopes.ts";
import type { Api } from "./api.ts";
import type { Page } from "./types.ts";

/** Where the value of a setting comes from. */
export interface SettingOrigin {
  kind:
    | "default"
    | "file"
    | "environmentFile"
    | "serviceFile"
    | "remote"
    | "override"
    | "environment"
    | "flags";
  origin: string;
  line?: number;
  column?: number;
  variable?: string;
}

/** One setting, as the server describes it. */
export interface Setting {
  key: string;
  section: string;
  description: string;
  type: "boolean" | "integer" | "text" | "choice" | "list" | "objects";
  value: unknown;
  default: unknown;
  origin: SettingOrigin;
  overridden: boolean;
  locked: boolean;
  restart: boolean;
  /** No code of this version reads it: it takes effect with a later one. */
  planned: boolean;
  /** What holds until the next start, when that differs from `value`. */
  inForce?: unknown;
  machineOnly: boolean;
  secret: boolean;
  /** The scope that an edit of it needs beside `config:write`. */
  scope?: Scope;
  /** JSON Schema of a list of objects. */
  schema?: Record<string, unknown>;
  waiting: boolean;
  /** What it can be, in words. */
  allowed: string;
  values?: string[];
  minimum?: number;
  maximum?: number;
  pattern?: string;
  maxLength?: number;
  maxItems?: number;
  environmentNames: string[];
}

export interface SettingSection {
  key: string;
  description: string;
}

export interface Configuration {
  revision: number;
  sections: SettingSection[];
  items: Setting[];
}

export interface ConfigurationProblem {
  path: string;
  message: string;
  origin: string;
  line?: number;
  column?: number;
}

export interface ConfigurationStatus {
  revision: number;
  changedAt: string | null;
  files: string[];
  rejections: { source: string; at: string; message: string; problems: ConfigurationProblem[] }[];
  needsRestart: string[];
  ignoredOverrides: ConfigurationProblem[];
  remote: { url: string; fetchedAt: string | null; askedAt: string | null; failure: string | null } | null;
}

export interface SettingChange {
  key: string;
  before: unknown;
  after: unknown;
}

/** What an edit would change in force. */
export interface Proposal {
  changes: (SettingChange & { needsRestart: boolean })[];
  shadowed: { key: string; reason: string }[];
  problems: ConfigurationProblem[];
}

export interface Edited {
  revision: number;
  changes: SettingChange[];
  needsRestart: string[];
}

/** One change in the history. */
export interface Revision {
  revision: number;
  at: string;
  actor: string;
  action: "change" | "rollback" | "import" | "file" | "remote";
  note: string;
  changes: SettingChange[];
}

/** Overrides to set and to take back, as one change. */
export interface Edit {
  set: Record<string, unknown>;
  unset: string[];
}

const HISTORY_LIMIT = 50;

/** The configuration of the server. Every method throws ApiProblem when the server refuses. */
export class Settings {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  configuration(): Promise<Configuration> {
    return this.#api.get("/api/v3/config");
  }

  status(): Promise<ConfigurationStatus> {
    return this.#api.get("/api/v3/config/status");
  }

  propose(edit: Edit): Promise<Proposal> {
    return this.#api.post("/api/v3/config/diff", edit);
  }

  change(edit: Edit, terms: { expectedRevision: number; note?: string }): Promise<Edited> {
    return this.#api.patch("/api/v3/config", { ...edit, ...terms });
  }

  /** Newest first; `cursor` is the `nextCursor` of the page before. */
  history(cursor?: string): Promise<Page<Revision>> {
    return this.#api.get("/api/v3/config/history", { query: { limit: HISTORY_LIMIT, cursor } });
  }

  rollback(revision: number, terms: { expectedRevision: number }): Promise<Edited> {
    return this.#api.post("/api/v3/config/rollback", { revision, ...terms });
  }
}

/** Where a browser downloads the settings as a file. */
export const EXPORT_PATH = "/api/v3/config/export";
