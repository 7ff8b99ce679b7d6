import type { BrowserSession } from "binnacle";

const POLL_MS = 50;
/** A page that is being left has no place to run a script in; one tries again on the next. */
const RETRY_MS = 100;
const JPEG_QUALITY = 45;
/** The state keeps a value of up to 256 KiB. */
const MAX_SCREENSHOT = 240_000;

interface Evaluation {
  result?: { value?: unknown };
  exceptionDetails?: { exception?: { description?: string }; text?: string };
}

/** A page in the browser, as a person uses it. */
export class FormPage {
  readonly #session: BrowserSession;
  readonly #signal: AbortSignal;
  readonly #waitMs: number;

  constructor(session: BrowserSession, signal: AbortSignal, waitMs: number) {
    this.#session = session;
    this.#signal = signal;
    this.#waitMs = waitMs;
  }

  /** @throws Error when it does not load */
  async open(url: string): Promise<void> {
    const { errorText } = await this.#session.command<{ errorText?: string }>("Page.navigate", { url });
    if (errorText) throw new Error(`${url} does not open (${errorText}).`);
    await this.#until("document.readyState === 'complete'", `${url} does not load`);
  }

  async has(selector: string): Promise<boolean> {
    return Boolean(await this.#evaluate(`document.querySelector(${JSON.stringify(selector)}) !== null`));
  }

  /** Puts a value into a field: typed, chosen or ticked. */
  async fill(selector: string, value: string): Promise<void> {
    await this.#appear(selector);
    const kind = await this.#evaluate(
      `(${prepareField})(${JSON.stringify(selector)}, ${JSON.stringify(value)})`,
    );
    if (kind === "typed") await this.#session.command("Input.insertText", { text: value });
    else if (kind === "absent") throw new Error(`${selector} has no choice "${value}".`);
    await this.#evaluate(`(${leaveField})(${JSON.stringify(selector)})`);
  }

  /** Clicks with the mouse where the element is. */
  async click(selector: string): Promise<void> {
    await this.#appear(selector);
    const place = await this.#evaluate(`(${centreOf})(${JSON.stringify(selector)})`);
    if (typeof place !== "object" || place === null)
      throw new Error(`${selector} cannot be seen, so it cannot be clicked.`);
    const at = { ...place, button: "left", clickCount: 1 };
    for (const type of ["mouseMoved", "mousePressed", "mouseReleased"]) {
      await this.#session.command("Input.dispatchMouseEvent", { ...at, type });
    }
  }

  /** @throws Error naming what did not come */
  async expect(wanted: { selector?: string; text?: string; urlContains?: string }): Promise<void> {
    const { selector, text, urlContains } = wanted;
    if (selector !== undefined)
      await this.#until(
        `document.querySelector(${JSON.stringify(selector)}) !== null`,
        `${selector} does not appear`,
      );
    if (text !== undefined)
      await this.#until(
        `document.body?.innerText.includes(${JSON.stringify(text)})`,
        `the text "${text}" does not appear`,
      );
    if (urlContains !== undefined)
      await this.#until(
        `location.href.includes(${JSON.stringify(urlContains)})`,
        `the address does not come to hold "${urlContains}"`,
      );
  }

  /** A JPEG in Base64; undefined when it is too large to be kept, or the page is gone. */
  async screenshot(): Promise<string | undefined> {
    try {
      const { data } = await this.#session.command<{ data: string }>("Page.captureScreenshot", {
        format: "jpeg",
        quality: JPEG_QUALITY,
      });
      return data.length <= MAX_SCREENSHOT ? data : undefined;
    } catch {
      return undefined;
    }
  }

  #appear(selector: string): Promise<void> {
    return this.#until(
      `document.querySelector(${JSON.stringify(selector)}) !== null`,
      `${selector} does not appear`,
    );
  }

  async #until(expression: string, problem: string): Promise<void> {
    const endsAt = Date.now() + this.#waitMs;
    while (!this.#signal.aborted) {
      if (await this.#isSo(expression)) return;
      if (Date.now() >= endsAt) throw new Error(`${problem} within ${this.#waitMs} ms.`);
      await pause(POLL_MS, this.#signal);
    }
    this.#signal.throwIfAborted();
  }

  async #isSo(expression: string): Promise<boolean> {
    try {
      return Boolean(await this.#evaluate(expression));
    } catch (error) {
      if (!isLeaving(error)) throw error;
      await pause(RETRY_MS, this.#signal);
      return false;
    }
  }

  async #evaluate(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = await this.#session.command<Evaluation>("Runtime.evaluate", {
      expression,
      returnByValue: true,
    });
    if (exceptionDetails) {
      throw new Error(
        exceptionDetails.exception?.description?.split("\n")[0] ??
          exceptionDetails.text ??
          "A script of the check failed.",
      );
    }
    return result?.value;
  }
}

/** Settles after `ms`, or when the call is cancelled. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  signal.addEventListener("abort", () => resolve(), { once: true });
  return promise.finally(() => clearTimeout(timer));
}

const isLeaving = (error: unknown): boolean =>
  error instanceof Error && /context|navigat|destroyed|Cannot find/i.test(error.message);

/* What follows runs in the page, so it is written as text. */

/** Focuses and empties a text field (`typed`), chooses (`chosen`, `absent`) or ticks (`ticked`). */
const prepareField = `(selector, value) => {
  const field = document.querySelector(selector);
  field.scrollIntoView({ block: "center" });
  if (field instanceof HTMLSelectElement) {
    const choice = [...field.options].find((option) => option.value === value || option.text.trim() === value);
    if (!choice) return "absent";
    field.value = choice.value;
    return "chosen";
  }
  if (field instanceof HTMLInputElement && (field.type === "checkbox" || field.type === "radio")) {
    if (field.checked !== (value === "true")) field.click();
    return "ticked";
  }
  field.focus();
  if (typeof field.select === "function") field.select();
  if ("value" in field) field.value = "";
  return "typed";
}`;

const leaveField = `(selector) => {
  const field = document.querySelector(selector);
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
}`;

const centreOf = `(selector) => {
  const element = document.querySelector(selector);
  element.scrollIntoView({ block: "center" });
  const { x, y, width, height } = element.getBoundingClientRect();
  return width > 0 && height > 0 ? { x: x + width / 2, y: y + height / 2 } : null;
}`;
