import { join } from "node:path";
import { SocketLoad } from "./socket-load.ts";

/** What the readers have received so far. */
export interface LoadReport {
  /** Readers that are still connected. */
  open: number;
  receivedBytes: number;
  /** Each distinct text frame, in order of first arrival, and how many readers got it. */
  frames: { type: string; seq: number; at: number; sizeBytes: number; readers: number }[];
}

/** What is waited for: frames of type delta that every reader has, or how many readers are still connected. */
export type LoadCondition = { deltas: number } | { open: number };

interface LoadRequest {
  port: number;
  path: string;
  count: number;
  headers: Readonly<Record<string, string>>;
}

type Question = LoadRequest | LoadCondition | "report";

/** {@link SocketLoad} in a process of its own: its files, memory and processor time are not the server's. */
export class SocketLoadProcess implements AsyncDisposable {
  readonly #process: Bun.Subprocess;
  #onAnswer: ((answer: unknown) => void) | undefined;

  private constructor() {
    this.#process = Bun.spawn([process.execPath, join(import.meta.dirname, "socket-load-process.ts")], {
      stdio: ["ignore", "inherit", "inherit"],
      ipc: (answer) => this.#onAnswer?.(answer),
    });
  }

  /** Connects `count` readers and waits until all are upgraded. @throws Error with what the server said instead. */
  static async start(request: LoadRequest): Promise<SocketLoadProcess> {
    const load = new SocketLoadProcess();
    await load.#next(); // it says when it listens
    const answer = (await load.#ask(request)) as { error?: string };
    if (answer.error !== undefined) throw new Error(answer.error);
    return load;
  }

  async report(): Promise<LoadReport> {
    return (await this.#ask("report")) as LoadReport;
  }

  /** The report as soon as it is so. */
  async until(condition: LoadCondition): Promise<LoadReport> {
    return (await this.#ask(condition)) as LoadReport;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.#process.exited;
  }

  #ask(question: unknown): Promise<unknown> {
    const answer = this.#next();
    this.#process.send(question);
    return answer;
  }

  #next(): Promise<unknown> {
    return new Promise((resolve) => {
      this.#onAnswer = resolve;
    });
  }
}

if (import.meta.main) answerParent();

/** The child's side: connects when told how, then reports, at once or when something is so. */
function answerParent(): void {
  const frames = new Map<number | bigint, LoadReport["frames"][number]>();
  let load: SocketLoad | undefined;
  let onChange = (): void => undefined;
  const onText = (_reader: number, text: Buffer): void => {
    const hash = Bun.hash(text);
    const known = frames.get(hash);
    if (known) {
      known.readers += 1;
    } else {
      const { type, seq, at } = JSON.parse(text.toString());
      frames.set(hash, { type, seq, at, sizeBytes: text.length, readers: 1 });
    }
    onChange();
  };
  const report = (): LoadReport => {
    const { openCount: open = 0, receivedBytes = 0 } = load ?? {};
    return { open, receivedBytes, frames: [...frames.values()] };
  };
  const isSo = (condition: LoadCondition): boolean => {
    if ("open" in condition) return load?.openCount === condition.open;
    const whole = frames
      .values()
      .filter(({ type, readers }) => type === "delta" && readers === load?.readers.length);
    return whole.toArray().length >= condition.deltas;
  };
  const until = (condition: LoadCondition): Promise<LoadReport> =>
    new Promise((resolve) => {
      onChange = () => {
        if (isSo(condition)) resolve(report());
      };
      onChange();
    });
  const answer = async (question: Question): Promise<unknown> => {
    if (question === "report") return report();
    if (!("port" in question)) return until(question);
    load = await SocketLoad.open({ ...question, onText, onEnd: () => onChange() });
    return {};
  };
  process.on("message", (question: Question) => {
    answer(question).then(
      (said) => process.send?.(said),
      (error: Error) => process.send?.({ error: error.message }),
    );
  });
  process.send?.("ready");
}
