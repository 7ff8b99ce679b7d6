/** What keys do in a list of lines. */
export interface ListVerbs {
  step(by: 1 | -1): void;
  page(direction: 1 | -1): void;
  toOldest(): void;
  toNewest(): void;
  /** Opens the line that the keys are at, or closes it. */
  toggle(): void;
  close(): void;
}

/** Runs what a key stands for, as in a pager; other keys, and those with modifiers, go their way. */
export function runListKey(event: KeyboardEvent, verbs: ListVerbs): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const keys: Record<string, () => void> = {
    ArrowDown: () => verbs.step(1),
    j: () => verbs.step(1),
    ArrowUp: () => verbs.step(-1),
    k: () => verbs.step(-1),
    PageDown: () => verbs.page(1),
    " ": () => verbs.page(event.shiftKey ? -1 : 1),
    PageUp: () => verbs.page(-1),
    Home: () => verbs.toOldest(),
    End: () => verbs.toNewest(),
    G: () => verbs.toNewest(),
    Enter: () => verbs.toggle(),
    Escape: () => verbs.close(),
  };
  const run = keys[event.key];
  if (run === undefined) return;
  event.preventDefault();
  event.stopPropagation();
  run();
}
