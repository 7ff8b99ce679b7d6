/** What a key stroke asks for. */
export type TopAction = "up" | "down" | "first" | "last" | "run" | "pause" | "stop" | "quit";

const ESCAPE = "\u001b";

/** What terminals send: xterm in both cursor modes, the Linux console, tmux. */
const KEYS: Readonly<Record<string, TopAction>> = {
  [`${ESCAPE}[A`]: "up",
  [`${ESCAPE}OA`]: "up",
  k: "up",
  [`${ESCAPE}[B`]: "down",
  [`${ESCAPE}OB`]: "down",
  j: "down",
  [`${ESCAPE}[H`]: "first",
  [`${ESCAPE}[1~`]: "first",
  [`${ESCAPE}[F`]: "last",
  [`${ESCAPE}[4~`]: "last",
  "\r": "run",
  "\n": "run",
  " ": "pause",
  [`${ESCAPE}[3~`]: "stop",
  "\u007f": "stop",
  q: "quit",
  Q: "quit",
  "\u0003": "quit",
  "\u0004": "quit",
};
const LONGEST_FIRST = Object.keys(KEYS).sort((a, b) => b.length - a.length);

/** Reads what was typed; several strokes can come in one piece, and what means nothing is left out. */
export function readKeys(text: string): TopAction[] {
  const actions: TopAction[] = [];
  for (let rest = text; rest !== ""; ) {
    const key = LONGEST_FIRST.find((one) => rest.startsWith(one));
    const action = key === undefined ? undefined : KEYS[key];
    if (action) actions.push(action);
    rest = rest.slice(key?.length ?? unknownLength(rest));
  }
  return actions;
}

/** A sequence that is not known goes as a whole, so that its letters are not taken for keys (ECMA-48 §5.4). */
function unknownLength(text: string): number {
  const sequence = text.startsWith(`${ESCAPE}[`) ? text.slice(2).search(/[@-~]/) : -1;
  return sequence < 0 ? 1 : sequence + 3;
}
