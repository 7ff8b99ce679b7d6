import { type Alert, alertWords, escapeHtml, shortened } from "binnacle";

const MAX_SUBJECT = 200;
const MAX_BODY = 50_000;
/** RFC 2045 §6.8. */
const BASE64_LINE = 76;
/** RFC 2047 §2: a line with an encoded word has at most 76 characters; so many bytes fit beside `Subject: =?UTF-8?B?` and `?=`. */
const WORD_BYTES = 39;
const LINE_BREAKS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
const PRINTABLE = /^[\x20-\x7e]*$/;
const HIGH = new Set(["HIGH", "CRITICAL"]);

/**
 * An alert as an e-mail in plain text and HTML, lines ended by CR LF. Its Message-ID is made of the alert's id, so that
 * a second one is the same e-mail; those of one group refer to one another by a common reference.
 */
export function mailOf(alert: Alert, from: string, to: readonly string[]): string {
  const { shape, title } = alertWords(alert);
  const domain = from.split("@").at(-1) ?? "localhost";
  const boundary = `binnacle-${word(alert.id)}`;
  const thread = `<${word(alert.group ?? alert.id)}.group@${domain}>`;
  const { text, html } = partsOf(alert);
  const lines = [
    `Date: ${dateOf(alert.createdAt)}`,
    `From: Binnacle <${from}>`,
    // One a line keeps each within its 998 characters (RFC 5322 §2.1.1).
    `To: ${to.map((address) => `<${address}>`).join(",\r\n ")}`,
    `Subject: ${encodedWords(shortened(`${shape} ${title}`, MAX_SUBJECT))}`,
    `Message-ID: <${word(alert.id)}@${domain}>`,
    `In-Reply-To: ${thread}`,
    `References: ${thread}`,
    // RFC 3834: holiday notices and the like do not answer.
    "Auto-Submitted: auto-generated",
    ...(HIGH.has(alert.severity) && alert.state !== "resolved" ? ["Importance: high"] : []),
    "MIME-Version: 1.0",
    `Content-Type: multipart/alternative; boundary="${boundary}"`,
    "",
    ...part(boundary, "text/plain", text),
    ...part(boundary, "text/html", html),
    `--${boundary}--`,
    "",
  ];
  return lines.join("\r\n");
}

function partsOf(alert: Alert): { text: string; html: string } {
  const { shape, color, title, body, footer } = alertWords(alert);
  const short = shortened(body, MAX_BODY);
  const link = alert.link === undefined ? "" : `\n${alert.link}`;
  const hue = `#${color.toString(16).padStart(6, "0")}`;
  const anchor =
    alert.link === undefined ? "" : `<p><a href="${escapeHtml(alert.link)}">Open in Binnacle</a></p>`;
  return {
    text: `${shape} ${title}\n\n${short}\n\n${footer}${link}\n`,
    html: `<!doctype html><html><body style="font-family:system-ui,sans-serif;max-width:42em">
<h2 style="border-left:4px solid ${hue};padding-left:.6em">${escapeHtml(`${shape} ${title}`)}</h2>
<div style="white-space:pre-wrap">${escapeHtml(short)}</div>
<p style="color:#666">${escapeHtml(footer)}</p>${anchor}
</body></html>
`,
  };
}

const part = (boundary: string, type: string, content: string): string[] => [
  `--${boundary}`,
  `Content-Type: ${type}; charset=utf-8`,
  "Content-Transfer-Encoding: base64",
  "",
  // RFC 2046 §4.1.1: a line of text ends with CR LF, whatever carries it.
  ...inLines(base64(content.replace(/\r\n?|\n/g, "\r\n"))),
];

const inLines = (text: string): string[] => text.match(new RegExp(`.{1,${BASE64_LINE}}`, "g")) ?? [""];

/** What comes from an alert can neither end a header nor begin another: line breaks and control characters are spaces. */
function encodedWords(text: string): string {
  const line = text.replaceAll(LINE_BREAKS, " ");
  if (PRINTABLE.test(line) && !line.includes("=?")) return line;
  const words: string[] = [];
  let piece = "";
  for (const character of line) {
    if (bytesOf(piece + character).length > WORD_BYTES) {
      words.push(piece);
      piece = "";
    }
    piece += character;
  }
  return [...words, piece].map((one) => `=?UTF-8?B?${base64(one)}?=`).join("\r\n ");
}

/** RFC 5322 §3.3, in UTC. */
const dateOf = (iso: string): string => {
  const at = Date.parse(iso);
  return new Date(Number.isNaN(at) ? Date.now() : at).toUTCString().replace("GMT", "+0000");
};

/** Only what may stand in a Message-ID. */
const word = (text: string): string => text.replace(/[^A-Za-z0-9-]/g, "").slice(0, 60) || "none";

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const base64 = (text: string): string => bytesOf(text).toBase64();
