import { afterAll } from "bun:test";
import { Window } from "happy-dom";

/** What elements need of a browser. Nothing that servers use (fetch, Response, URL, timers, streams) is replaced. */
const NAMES = [
  "CSSStyleSheet",
  "Comment",
  "CustomEvent",
  "Document",
  "DocumentFragment",
  "Element",
  "Event",
  "FormData",
  "HTMLElement",
  "HTMLFormElement",
  "HTMLInputElement",
  "HTMLSelectElement",
  "HTMLTextAreaElement",
  "KeyboardEvent",
  "MouseEvent",
  "MutationObserver",
  "Node",
  "NodeFilter",
  "ResizeObserver",
  "SVGElement",
  "ShadowRoot",
  "Text",
  "cancelAnimationFrame",
  "customElements",
  "document",
  "getComputedStyle",
  "history",
  "location",
  "matchMedia",
  "requestAnimationFrame",
] as const;

let kept: Window | undefined;

/** A drawing surface that accepts everything: what is drawn is for the browser tests to see. */
function silentCanvas(): object {
  const ignore = (): object => new Proxy({}, { get: () => ignore });
  return new Proxy(
    {},
    { get: (_target, name) => (name === "measureText" ? () => ({ width: 10 }) : ignore), set: () => true },
  );
}

class SilentPath {
  constructor() {
    Object.setPrototypeOf(this, silentCanvas());
  }
}

/**
 * Puts a browser's globals in place for one test file and takes them away after it. Call it at the top of the
 * file and import elements dynamically after it. One window serves the whole process, because element classes
 * are registered once.
 */
export function openDom(): Document {
  kept ??= new Window({ url: "http://binnacle.test/", width: 1440, height: 900 });
  const window = kept;
  Object.defineProperty(window.HTMLCanvasElement.prototype, "getContext", {
    value: silentCanvas,
    configurable: true,
  });
  const added = new Map<string, unknown>([
    ...NAMES.map((name): [string, unknown] => [name, Reflect.get(window, name)]),
    ["window", window],
    ["Path2D", SilentPath],
    ["devicePixelRatio", 1],
  ]);
  const before = new Map(
    [...added.keys()].map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]),
  );
  for (const [name, value] of added)
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  afterAll(() => {
    document.body.replaceChildren();
    for (const [name, descriptor] of before) {
      if (descriptor === undefined) Reflect.deleteProperty(globalThis, name);
      else Object.defineProperty(globalThis, name, descriptor);
    }
  });
  return document;
}

/** Puts an element on the page and waits until it is drawn. */
export async function mount<T extends HTMLElement & { updateComplete: Promise<boolean> }>(
  element: T,
): Promise<T> {
  document.body.append(element);
  await element.updateComplete;
  return element;
}

/** All text of an element's shadow root, blanks joined. */
export function shownText(element: Element): string {
  const text = [...(element.shadowRoot?.childNodes ?? [])].map((node) => node.textContent ?? "").join(" ");
  return text.replace(/\s+/g, " ").trim();
}
