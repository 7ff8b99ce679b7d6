import type { Alert, AlertReceipt, AlertRefusal, AlertWords, ServiceAnswer, Shortening } from "./alerts.ts";

/** What is read of an answer: a service says why in its first words. */
const MAX_ANSWER_BYTES = 16_384;
const MAX_QUOTED = 300;
const MS_PER_SECOND = 1_000;
/** Statuses below 500 that pass by themselves: a timeout, a clash, too early, too many. */
const PASSING = new Set([408, 409, 423, 425, 429]);
const LOOKS: Readonly<Record<string, { shape: string; color: number }>> = {
  LOW: { shape: "●", color: 0x3b82c4 },
  MEDIUM: { shape: "▲", color: 0xd99a1c },
  HIGH: { shape: "■", color: 0xd64545 },
  CRITICAL: { shape: "◆", color: 0xa61e1e },
};
const UNKNOWN = { shape: "●", color: 0x7a7f87 };
const CALM = { shape: "✓", color: 0x3a9a6b };
const TEST = { shape: "○", color: 0x7a7f87 };

/** An alert in the words and the look that every channel gives it. */
export function alertWords(alert: Alert): AlertWords {
  const { severity, state = "firing", type, message, count = 1, route, createdAt, reason } = alert;
  const isResolved = state === "resolved";
  const look = reason === "test" ? TEST : isResolved ? CALM : (LOOKS[severity] ?? UNKNOWN);
  const footer = [
    reason === "test" ? "Test" : isResolved ? `Resolved, was ${severity}` : severity,
    reason === "escalation" ? "nobody has acknowledged" : "",
    count === 1 ? "" : `${count} alerts`,
    route === undefined || reason === "test" ? "" : `route ${route}`,
    createdAt,
  ];
  return {
    ...look,
    title: alert.title ?? `${type}: ${state}`,
    body: message,
    footer: footer.filter((part) => part !== "").join(" · "),
    isResolved,
  };
}

/** A text cut between two characters so that it is at most `limit` long as it is written, with `…` where it was cut. */
export function shortened(text: string, limit: number, how?: Shortening): string {
  const { written = asItIs, sizeOf = inUnits } = how ?? {};
  const room = limit - sizeOf("…");
  let [whole, kept, size] = ["", "", 0];
  for (const character of text) {
    const piece = written(character);
    size += sizeOf(piece);
    if (size > limit) return `${kept}…`;
    whole += piece;
    if (size <= room) kept = whole;
  }
  return whole;
}

const asItIs = (character: string): string => character;
const inUnits = (text: string): number => text.length;

/** `&`, `<`, `>` and `"` as HTML writes them. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** Reads what a service answers, at most its first 16 KiB. */
export async function readAnswer(response: Response): Promise<ServiceAnswer> {
  const text = await beginningOf(response);
  const retryAfterMs = waitOf(response.headers.get("retry-after"));
  return { status: response.status, text, json: jsonOf(text), retryAfterMs };
}

/** What `send` answers for an answer over HTTP: sent, to be tried again, or rejected; `reason` is the service's own. */
export function outcomeOf(
  service: string,
  answer: ServiceAnswer,
  ownReason?: string,
): AlertReceipt | AlertRefusal {
  const { status, text, retryAfterMs } = answer;
  const reason = ownReason ?? text;
  const said = `${service} answered ${status}${reason === "" ? "" : `: ${shortened(reason, MAX_QUOTED)}`}`;
  if (status >= 200 && status < 300) return { answer: said };
  if (status >= 500 || PASSING.has(status)) return { retryAfterMs: retryAfterMs ?? 0, reason: said };
  if (status >= 300 && status < 400) return { rejected: `${said} (a redirect is not followed)` };
  return { rejected: said };
}

async function beginningOf({ body }: Response): Promise<string> {
  const decoder = new TextDecoder();
  let [text, sizeBytes] = ["", 0];
  for await (const chunk of body ?? []) {
    text += decoder.decode(chunk.subarray(0, MAX_ANSWER_BYTES - sizeBytes), { stream: true });
    sizeBytes += chunk.length;
    if (sizeBytes >= MAX_ANSWER_BYTES) break;
  }
  return text.trim();
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** RFC 9110 §10.2.3: seconds, or a date. */
function waitOf(header: string | null): number | undefined {
  if (header === null || header.trim() === "") return undefined;
  const seconds = Number(header);
  const waitMs = Number.isFinite(seconds) ? seconds * MS_PER_SECOND : Date.parse(header) - Date.now();
  return Number.isFinite(waitMs) ? Math.max(0, Math.ceil(waitMs)) : undefined;
}
