import { Observable } from "../lib/observable.ts";
import type { FeedPhase, GraphFeed } from "./graph-feed.ts";
import type { Plugins } from "./plugins.ts";
import type { LogLine } from "./plugins-types.ts";
import { type ApiProblem, asProblem } from "./problem.ts";

/** Lines kept on the page; older ones leave at the beginning. */
export const MAX_KEPT_LINES = 2_000;

const LINES = `subscription ($id: String!) {
  pluginLogLines(id: $id) { seq at level source message fields correlationId }
}`;

/** What the subscription of log lines sends. */
export interface LogFeedData {
  pluginLogLines: LogLine;
}

/** The log of one plugin as it is written: what is kept, then each line; a lost connection leaves no hole. */
export class PluginLog {
  /** Oldest first; undefined until the kept ones have come. */
  readonly lines = new Observable<readonly LogLine[] | undefined>(undefined);
  readonly problem = new Observable<ApiProblem | undefined>(undefined);
  readonly #plugins: Pick<Plugins, "log">;
  readonly #feed: Pick<GraphFeed<LogFeedData>, "follow" | "stop" | "phase">;
  #id = "";

  constructor(
    plugins: Pick<Plugins, "log">,
    feed: Pick<GraphFeed<LogFeedData>, "follow" | "stop" | "phase">,
  ) {
    this.#plugins = plugins;
    this.#feed = feed;
  }

  get phase(): Observable<FeedPhase> {
    return this.#feed.phase;
  }

  /** Follows this plugin and no other. */
  follow(id: string): void {
    this.stop();
    this.#id = id;
    this.#feed.follow(
      { query: LINES, variables: { id } },
      ({ pluginLogLines }) => this.#hear(pluginLogLines),
      () => void this.load(),
    );
    void this.load();
  }

  stop(): void {
    this.#id = "";
    this.#feed.stop();
    this.lines.set(undefined);
    this.problem.set(undefined);
  }

  /** Asks for the kept lines; never throws. */
  async load(): Promise<void> {
    const id = this.#id;
    try {
      const lines = await this.#plugins.log(id);
      if (id !== this.#id) return;
      this.problem.set(undefined);
      // Numbers that went back are a new server's, whose log begins anew.
      if ((lines.at(-1)?.seq ?? 0) < (this.#last?.seq ?? 0)) this.lines.set([]);
      this.#take(lines);
    } catch (error) {
      if (id === this.#id) this.problem.set(asProblem(error));
    }
  }

  get #last(): LogLine | undefined {
    return this.lines.value?.at(-1);
  }

  #hear(line: LogLine): void {
    const last = this.#last;
    const isOfNewServer =
      last !== undefined && line.seq <= last.seq && Date.parse(line.at) > Date.parse(last.at);
    if (isOfNewServer) void this.load();
    else this.#take([line]);
  }

  /** Lines come twice when a connection is made; their numbers tell. */
  #take(lines: readonly LogLine[]): void {
    const known = this.lines.value ?? [];
    const lastSeq = this.#last?.seq ?? Number.NEGATIVE_INFINITY;
    const fresh = lines.filter(({ seq }) => seq > lastSeq);
    if (fresh.length > 0 || this.lines.value === undefined)
      this.lines.set([...known, ...fresh].slice(-MAX_KEPT_LINES));
  }
}
