import { type Api, printQuery } from "./api.ts";
import type { Page } from "./types.ts";

/** One row of the audit log. */
export interface AuditEntry {
  seq: number;
  at: string;
  actor: string;
  action: string;
  target: string;
  outcome: "ok" | "denied";
  count: number;
  correlationId: string;
  address: string;
  detail: Record<string, unknown>;
  mac: string;
}

/** Where the chain of the log stands. */
export interface AuditChain {
  state: "intact" | "broken" | "unverified";
  rows: number;
  firstSeq: number | null;
  lastSeq: number | null;
  lastMac: string | null;
  removedThrough: number | null;
  retentionDays: number;
  verifiedAt: string | null;
  verifiedRows: number;
  damage: { seq: number; reason: string } | null;
}

/** What a search can name; the names are those of the address and of the API. */
export const AUDIT_FILTERS = ["text", "actor", "action", "target", "outcome", "from", "to"] as const;
export type AuditFilterName = (typeof AUDIT_FILTERS)[number];
export type AuditFilter = Partial<Record<AuditFilterName, string>>;

const PAGE_LIMIT = 100;
const VERIFY_TIMEOUT_MS = 120_000;

/** Who did what. Every method throws ApiProblem when the server refuses. */
export class AuditTrail {
  readonly #api: Api;

  constructor(api: Api) {
    this.#api = api;
  }

  /** Newest first; a page can be short and still have a cursor. */
  search(filter: AuditFilter, cursor?: string): Promise<Page<AuditEntry>> {
    return this.#api.get("/api/v3/audit", { query: { ...filter, limit: PAGE_LIMIT, cursor } });
  }

  chain(): Promise<AuditChain> {
    return this.#api.get("/api/v3/audit/chain");
  }

  verify(): Promise<AuditChain> {
    return this.#api.post("/api/v3/audit/verifications", undefined, { timeoutMs: VERIFY_TIMEOUT_MS });
  }

  /** The address of a download of what the filter fits. */
  exportUrl(filter: AuditFilter, format: "csv" | "ndjson"): string {
    return `/api/v3/audit/export${printQuery({ ...filter, format })}`;
  }
}

/** The search that an address holds. */
export function readAuditFilter(query: URLSearchParams): AuditFilter {
  const given = AUDIT_FILTERS.map((name) => [name, query.get(name)] as const);
  return Object.fromEntries(given.filter(([, value]) => value));
}
