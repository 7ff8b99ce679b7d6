import type { AuditChain, AuditFilter, AuditFilterName } from "../../data/audit.ts";
import { formatExact } from "../../lib/format.ts";

/** How filters are called on their chips. */
export const FILTER_WORDS = {
  text: "Contains",
  actor: "Actor",
  action: "Action",
  target: "Target",
  outcome: "Outcome",
  from: "Since",
  to: "Until",
} as const satisfies Record<AuditFilterName, string>;

/** Spans that a person asks for, newest first. */
export const PERIODS = [
  { label: "Any time", hours: undefined },
  { label: "Last hour", hours: 1 },
  { label: "Last 24 hours", hours: 24 },
  { label: "Last 7 days", hours: 24 * 7 },
  { label: "Last 30 days", hours: 24 * 30 },
] as const;

/** What a chip says of its value. */
export function chipValue(name: AuditFilterName, value: string): string {
  const isTime = name === "from" || name === "to";
  if (!isTime || Number.isNaN(Date.parse(value))) return value;
  return formatExact(Date.parse(value));
}

/** The state of the chain in a sentence. */
export function chainSentence(chain: AuditChain): string {
  const rows = (count: number): string => (count === 1 ? "1 row" : `${count.toLocaleString("en-GB")} rows`);
  if (chain.damage) {
    return `Row ${chain.damage.seq}: ${chain.damage.reason}. Somebody or something changed the log outside Binnacle; what stands before that row is proven.`;
  }
  const removed =
    chain.removedThrough === null
      ? ""
      : ` Rows up to ${chain.removedThrough} were removed by retention and are signed for.`;
  if (chain.state === "unverified")
    return `${rows(chain.rows)}, not verified since this server started.${removed}`;
  const later = chain.rows - chain.verifiedRows;
  const since = later > 0 ? ` ${rows(later)} came since.` : "";
  return `${rows(chain.verifiedRows)}, each chained to the one before it.${since}${removed}`;
}

/** Whether anything is searched for. */
export const isFiltered = (filter: AuditFilter): boolean => Object.keys(filter).length > 0;
