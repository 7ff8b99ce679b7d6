/** Asks whoever holds the page to go to another address of the dashboard: `go` (CustomEvent<string>). */
export function goTo(from: EventTarget, href: string): void {
  from.dispatchEvent(new CustomEvent("go", { detail: href, bubbles: true, composed: true }));
}
