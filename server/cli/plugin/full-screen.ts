const ESCAPE = "\u001b";
/** DEC private modes of xterm: the other screen, cursor away; and back. */
const ENTER = `${ESCAPE}[?1049h${ESCAPE}[?25l`;
const LEAVE = `${ESCAPE}[?25h${ESCAPE}[?1049l`;
const HOME = `${ESCAPE}[H`;
const CLEAR_LINE_END = `${ESCAPE}[K`;
const CLEAR_BELOW = `${ESCAPE}[J`;
const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;
const ENDINGS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * The terminal as one screen: keys come as they are struck, nothing scrolls. Disposing it, or the end of the process for
 * whatever reason but SIGKILL, gives the terminal back as it was.
 */
export class FullScreen implements Disposable {
  readonly #restore = (): void => this[Symbol.dispose]();
  readonly #endings: (() => void)[] = [];
  readonly #inputs: ((text: string) => void)[] = [];
  readonly #ended: (() => void)[] = [];
  readonly #end = (): void => {
    for (const listener of this.#ended) listener();
  };
  readonly #take = (text: string | Buffer): void => {
    for (const listener of this.#inputs) listener(text.toString());
  };
  #isOpen = true;

  constructor() {
    process.once("exit", this.#restore);
    for (const signal of ENDINGS) process.on(signal, this.#end);
    process.stdin.setRawMode(true);
    process.stdin.setEncoding("utf8");
    process.stdin.on("data", this.#take);
    process.stdin.on("end", this.#end);
    process.stdin.resume();
    process.stdout.write(ENTER);
  }

  get columns(): number {
    return process.stdout.columns || DEFAULT_COLUMNS;
  }

  get rows(): number {
    return process.stdout.rows || DEFAULT_ROWS;
  }

  onInput(listener: (text: string) => void): void {
    this.#inputs.push(listener);
  }

  onResize(listener: () => void): void {
    process.stdout.on("resize", listener);
    this.#endings.push(() => process.stdout.off("resize", listener));
  }

  /** A signal asks it to end, or the terminal has gone. */
  onEnd(listener: () => void): void {
    this.#ended.push(listener);
  }

  /** Draws all lines in one write: nothing flickers. */
  show(lines: readonly string[]): void {
    if (!this.#isOpen) return;
    const body = lines.map((line) => `${line}${CLEAR_LINE_END}`).join("\r\n");
    process.stdout.write(`${HOME}${body}${CLEAR_BELOW}`);
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    process.off("exit", this.#restore);
    for (const signal of ENDINGS) process.off(signal, this.#end);
    for (const end of this.#endings) end();
    process.stdin.off("data", this.#take);
    process.stdin.off("end", this.#end);
    process.stdin.setRawMode(false);
    process.stdin.pause();
    process.stdout.write(LEAVE);
  }
}
