import { EVENT_TYPE_PATTERN, MAX_EVENT_TYPE_LENGTH } from "../../schema/events/index.ts";
import { AppError, type InputIssue } from "../errors/app-error.ts";
import { newId } from "../lib/ids.ts";
import {
  type Draft,
  FOREIGN_SOURCE,
  type ForeignEvent,
  type NewEvent,
  OWN_SOURCE,
  PLUGIN_SOURCE,
  type PluginEvent,
} from "./event.ts";
import { type EventTypes, refuseForeignName } from "./event-types.ts";
import { writePayload } from "./payload.ts";

const MAX_EVENTS_A_CALL = 100;
const MAX_SOURCE_LENGTH = 100;
const TYPE = new RegExp(EVENT_TYPE_PATTERN);
const SOURCE = /^[A-Za-z0-9][A-Za-z0-9._@-]*(?:\/[A-Za-z0-9][A-Za-z0-9._@-]*)*$/;
const CORRELATION = /^[\x21-\x7e]{1,128}$/;

/** Checks an event of Binnacle's own. @throws AppError `internal` when it does not keep to its schema */
export function ownDraft(
  types: EventTypes,
  { type, payload, source = OWN_SOURCE, correlationId }: NewEvent,
): Draft {
  const issues = types.ownIssues(type, payload);
  const written = writePayload(payload);
  if ("refused" in written) issues.push({ path: "payload", message: written.refused });
  if (issues.length > 0 || "refused" in written) {
    throw new AppError("internal", `The event ${type} does not keep to its schema.`, { issues });
  }
  const id = newId();
  return { id, type, source, correlationId: correlationId ?? id, payload, text: written.text };
}

/**
 * Checks up to 100 events of an application, all or none.
 * @param caller who they are from when they do not say.
 * @throws AppError `validation_failed` with an issue for each thing that is wrong, `name_taken` for Binnacle's own types
 */
export function foreignDrafts(
  types: EventTypes,
  events: readonly ForeignEvent[],
  caller: string,
  correlationId: string,
): Draft[] {
  if (events.length === 0 || events.length > MAX_EVENTS_A_CALL) {
    throw invalid([{ path: "events", message: `holds 1 to ${MAX_EVENTS_A_CALL} events` }]);
  }
  const drafts: Draft[] = [];
  const issues: InputIssue[] = [];
  for (const [index, event] of events.entries()) {
    const checked = foreignDraft(types, event, `events.${index}`, caller, correlationId);
    if ("draft" in checked) drafts.push(checked.draft);
    else issues.push(...checked.issues);
  }
  if (issues.length > 0) throw invalid(issues);
  return drafts;
}

function foreignDraft(
  types: EventTypes,
  event: ForeignEvent,
  path: string,
  callerName: string,
  correlation: string,
): { draft: Draft } | { issues: InputIssue[] } {
  const { type, payload, source = sourceOf(callerName), correlationId } = event;
  refuseForeignName(type, `${path}.type`);
  const issues: InputIssue[] = [];
  if (source.length > MAX_SOURCE_LENGTH || !SOURCE.test(source)) {
    issues.push({
      path: `${path}.source`,
      message: "is not a name of letters, digits, dots, dashes and slashes",
    });
  }
  if (correlationId !== undefined && !CORRELATION.test(correlationId)) {
    issues.push({ path: `${path}.correlationId`, message: "is not 1 to 128 visible characters" });
  }
  const written = writePayload(payload);
  if ("refused" in written)
    return { issues: [...issues, { path: `${path}.payload`, message: written.refused }] };
  for (const issue of types.foreignIssues(type, payload)) {
    issues.push({ path: [path, "payload", issue.path].filter(Boolean).join("."), message: issue.message });
  }
  if (issues.length > 0) return { issues };
  const id = newId();
  const draft = {
    id,
    type,
    source: `${FOREIGN_SOURCE}${source}`,
    correlationId: correlationId ?? correlation,
  };
  return { draft: { ...draft, payload, text: written.text } };
}

/** Checks an event of a plugin; its type is the broker's to decide upon. @throws AppError `validation_failed` */
export function pluginDraft(types: EventTypes, { pluginId, type, payload }: PluginEvent): Draft {
  const issues: InputIssue[] = [];
  if (type.length > MAX_EVENT_TYPE_LENGTH || !TYPE.test(type)) {
    issues.push({ path: "type", message: "is not lower-case words, joined by dots" });
  }
  const written = writePayload(payload);
  if ("refused" in written) throw invalid([...issues, { path: "payload", message: written.refused }]);
  for (const { path, message } of types.foreignIssues(type, payload)) {
    issues.push({ path: ["payload", path].filter(Boolean).join("."), message });
  }
  if (issues.length > 0) throw invalid(issues);
  const id = newId();
  return { id, type, source: `${PLUGIN_SOURCE}${pluginId}`, correlationId: id, payload, text: written.text };
}

/** A user's name as a source: what a source cannot hold becomes a dash. */
const sourceOf = (name: string): string =>
  name.replace(/[^A-Za-z0-9._@-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "") || "unnamed";

function invalid(issues: readonly InputIssue[]): AppError {
  const [first] = issues;
  const rest = issues.length > 1 ? `, and ${issues.length - 1} more` : "";
  return new AppError("validation_failed", `${first?.path}: ${first?.message}${rest}.`, { issues });
}
