import { type Recurrence, WEEKDAYS, type Weekday, type WindowBody } from "../../data/alerts-types.ts";
import { fromLocalInput } from "../../lib/local-input.ts";
import { pairProblems } from "./pairs.ts";
import {
  type Draft,
  draftFrom,
  isWritten,
  localMinute,
  matchDraft,
  matchFields,
  matchOf,
  name,
  ownZone,
  type RoutingForm,
  zoneProblem,
} from "./routing-fields.ts";

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;
/** How often a window is open; of what is stored only the days say which. */
const REPEATS = { once: "Once", daily: "Every day", weekly: "On some days of the week" } as const;
const WEEKDAY_NAMES = WEEKDAYS.map((day) => day.charAt(0).toUpperCase() + day.slice(1));

const clockTime = (title: string, description: string) => ({
  ...{ type: "string", title, description, format: "time" },
});
const moment = (title: string, description: string) => ({
  ...{ type: "string", title, description, format: "local-date-time" },
});
const once = {
  from: moment("From", "In your time zone"),
  to: moment("To", "In your time zone"),
};
const days = {
  ...{ type: "array", title: "On these days", description: "The day on which it opens" },
  ...{ uniqueItems: true, minItems: 1, items: { enum: WEEKDAYS, enumNames: WEEKDAY_NAMES } },
};
const repeated = {
  opensAt: clockTime("Opens at", "By the clock on the wall"),
  closesAt: clockTime("Closes at", "On the next day when it is earlier than the opening"),
  zone: {
    type: "string",
    title: "Time zone of these hours",
    description: "Europe/Berlin and the like",
    maxLength: 64,
  },
  from: moment("Repeats from", "In your time zone"),
  until: moment("Repeats until", "In your time zone"),
};

/** A maintenance window: a span of time, or hours that come again within one. */
export const windowForm: RoutingForm<"window"> = {
  noun: "maintenance window",
  schema: (_channels, { repeats }) => {
    const isWeekly = repeats === "weekly";
    const isOnce = !isWeekly && repeats !== "daily";
    const hours = ["opensAt", "closesAt", "zone", "from", "until"];
    return {
      type: "object",
      required: ["name", "repeats", ...(isOnce ? ["from", "to"] : hours), ...(isWeekly ? ["days"] : [])],
      properties: {
        name,
        repeats: { title: "Open", enum: Object.keys(REPEATS), enumNames: Object.values(REPEATS) },
        ...(isWeekly ? { days } : {}),
        ...(isOnce ? once : repeated),
        ...matchFields,
      },
    };
  },
  blank: () => {
    const now = Date.now();
    return {
      ...{ name: "", repeats: "once", days: [], zone: ownZone() },
      ...{ from: localMinute(now), to: localMinute(now + HOUR_MS), until: localMinute(now + YEAR_MS) },
    };
  },
  draftOf: ({ name: called, startsAt, endsAt, recurrence, match }) => {
    const [from, end] = [Date.parse(startsAt), Date.parse(endsAt)];
    const span = recurrence
      ? { to: localMinute(from + HOUR_MS), until: localMinute(end) }
      : { to: localMinute(end), until: localMinute(from + YEAR_MS) };
    return {
      ...{ name: called, from: localMinute(from), ...span, ...matchDraft(match) },
      ...{ repeats: repeatsOf(recurrence), days: recurrence?.days ?? [] },
      ...{ opensAt: recurrence?.from, closesAt: recurrence?.to, zone: recurrence?.timeZone ?? ownZone() },
    };
  },
  bodyOf: (draft): WindowBody => {
    const { name: called, repeats, from, to, until } = draft;
    const isOnce = repeats === "once";
    return {
      name: String(called),
      startsAt: new Date(fromLocalInput(String(from))).toISOString(),
      endsAt: new Date(fromLocalInput(String(isOnce ? to : until))).toISOString(),
      ...(isOnce ? {} : { recurrence: recurrenceOf(draft) }),
      match: matchOf(draft),
    };
  },
  judge: (values) => {
    const draft = draftFrom(values);
    const problems = new Map(pairProblems("labels", draft.labels));
    const end = draft.repeats === "once" ? "to" : "until";
    const [fromMs, endMs] = [draft.from, draft[end]].map((at) => fromLocalInput(String(at ?? "")));
    if (fromMs !== undefined && endMs !== undefined && endMs <= fromMs)
      problems.set(`/${end}`, "must be later than the beginning");
    for (const field of ["from", end])
      if (isWritten(draft[field]) && Number.isNaN(fromLocalInput(String(draft[field]))))
        problems.set(`/${field}`, "must be a moment");
    if (draft.repeats === "once") return problems;
    const { opensAt, closesAt, zone } = draft;
    if (isWritten(opensAt) && opensAt === closesAt)
      problems.set("/closesAt", "must be another time than the opening");
    const wrong = isWritten(zone) ? zoneProblem(zone) : undefined;
    if (wrong !== undefined) problems.set("/zone", wrong);
    return problems;
  },
  fieldOf: (pointer, { repeats }) =>
    ({
      "/startsAt": "/from",
      "/endsAt": repeats === "once" ? "/to" : "/until",
      "/recurrence/from": "/opensAt",
      "/recurrence/to": "/closesAt",
      "/recurrence/timeZone": "/zone",
      "/recurrence/days": "/days",
    })[pointer] ?? pointer.replace(/^\/match(?=\/)/, ""),
};

const repeatsOf = (recurrence: Recurrence | undefined): keyof typeof REPEATS => {
  if (recurrence === undefined) return "once";
  return recurrence.days === undefined ? "daily" : "weekly";
};

function recurrenceOf({ repeats, days: chosen, opensAt, closesAt, zone }: Draft): Recurrence {
  const list: readonly unknown[] = Array.isArray(chosen) ? chosen : [];
  const inOrder: readonly Weekday[] = WEEKDAYS.filter((day) => list.includes(day));
  return {
    ...(repeats === "weekly" ? { days: inOrder } : {}),
    ...{ from: String(opensAt), to: String(closesAt), timeZone: String(zone) },
  };
}
