import { MAX_ROWS } from "./rows.ts";

const MAX_FIELDS = 50;
const MAX_SELECTOR = 500;
const MAX_DELAY_MS = 60_000;
const MAX_WAIT_MS = 60_000;
const DEFAULT_WAIT_MS = 10_000;

/** One field of the form. */
export interface Field {
  /** CSS selector of the input, select or textarea. */
  selector: string;
  /** What is put in; `{{email}}` takes it from the row. For a box to be ticked: `true` or `false`. */
  value: string;
}

/** What `execute` is given. */
export interface CheckInput {
  url: string;
  fields?: Field[];
  /** What is clicked to send the form; nothing is sent without it. */
  submit?: string;
  /** The button of a cookie banner: clicked when it is there, no failure when it is not. */
  cookieBanner?: string;
  /** What must be so after sending; all that is given. */
  expect?: { selector?: string; text?: string; urlContains?: string };
  /** Rows by file of the data folder, by themselves, or so many test identities. One run each; one run without a row when absent. */
  rows?: { file: string } | { values: Record<string, string>[] } | { identities: number; seed?: number };
  /** Between runs. */
  delayMs?: number;
  /** For an element or an expectation to appear. */
  waitMs?: number;
  /** `http://host:port` of the configured proxy. */
  proxy?: string;
  /** In a window on the server's display, to watch it; headless unless said. */
  visible?: boolean;
}

/** An input that was looked at, with what was left out filled in. */
export interface Check extends CheckInput {
  fields: Field[];
  expect: { selector?: string; text?: string; urlContains?: string };
  delayMs: number;
  waitMs: number;
  visible: boolean;
}

/** @throws Error that says which part is wrong */
export function readCheck(input: CheckInput | undefined, hosts: readonly string[]): Check {
  const {
    url,
    fields = [],
    expect = {},
    delayMs = 0,
    waitMs = DEFAULT_WAIT_MS,
    visible = false,
    rows,
  } = input ?? { url: "" };
  assertHost(url, hosts);
  if (!Array.isArray(fields) || fields.length > MAX_FIELDS)
    throw new Error(`"fields" is a list of at most ${MAX_FIELDS}.`);
  for (const [index, field] of fields.entries()) {
    assertSelector(field?.selector, `fields.${index}.selector`);
    if (typeof field.value !== "string") throw new Error(`"fields.${index}.value" is a text.`);
  }
  const others = {
    submit: input?.submit,
    cookieBanner: input?.cookieBanner,
    "expect.selector": expect.selector,
  };
  for (const [name, selector] of Object.entries(others))
    if (selector !== undefined) assertSelector(selector, name);
  assertWithin(delayMs, MAX_DELAY_MS, "delayMs");
  assertWithin(waitMs, MAX_WAIT_MS, "waitMs");
  if (typeof visible !== "boolean") throw new Error('"visible" is true or false.');
  if (rows && "identities" in rows) assertWithin(rows.identities, MAX_ROWS, "rows.identities");
  return { ...input, url, fields, expect, delayMs, waitMs, visible };
}

/** Early and in words; the wall is the browser's proxy. */
function assertHost(text: string, hosts: readonly string[]): void {
  const url = URL.parse(text);
  if (!url || !/^https?:$/.test(url.protocol)) throw new Error('"url" is an http or https address.');
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const isAllowed = hosts.some((host) =>
    host === url.hostname ? port === "80" || port === "443" : host === `${url.hostname}:${port}`,
  );
  if (!isAllowed)
    throw new Error(
      `${url.host} is not among the hosts of the configuration: ${hosts.join(", ") || "there are none"}.`,
    );
}

function assertSelector(selector: unknown, name: string): void {
  if (typeof selector !== "string" || selector === "" || selector.length > MAX_SELECTOR) {
    throw new Error(`"${name}" is a CSS selector of at most ${MAX_SELECTOR} characters.`);
  }
}

function assertWithin(value: unknown, most: number, name: string): void {
  if (!Number.isInteger(value) || Number(value) < 0 || Number(value) > most)
    throw new Error(`"${name}" is a whole number from 0 to ${most}.`);
}
