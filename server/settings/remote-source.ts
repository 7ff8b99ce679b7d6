import { MAX_FILE_BYTES, parseLayer } from "../config/config-file.ts";
import type { Configuration } from "../config/configuration.ts";
import { InvalidConfiguration } from "../config/invalid-configuration.ts";
import type { Settings } from "../config/schema.ts";
import { AppError } from "../errors/app-error.ts";
import type { Recovery } from "../incidents/recovery.ts";
import type { Clock } from "../lib/clock.ts";
import { Mutex } from "../lib/mutex.ts";
import type { Logger } from "../logs/logger.ts";
import type { Outbound } from "../outbound/outbound.ts";
import { OutboundPolicy } from "../outbound/policy.ts";
import type { Timers } from "../scheduler/timers.ts";
import type { ConfigurationEditor } from "./configuration-editor.ts";
import type { ConfigurationJournal } from "./journal.ts";
import type { RemoteAnswer, RemoteAnswerFile } from "./remote-answer-file.ts";

/** How the remote source fares. */
export interface RemoteStatus {
  /** Without credentials and query. */
  url: string;
  etag: string | null;
  /** Epoch milliseconds of the answer in force; null before the first. */
  fetchedAt: number | null;
  /** Epoch milliseconds of the last question; null before the first of this run. */
  askedAt: number | null;
  /** Why the last question brought nothing; null when it did. */
  failure: string | null;
}

interface RemoteParts {
  configuration: Configuration;
  outbound: Pick<Outbound, "fetch">;
  answers: RemoteAnswerFile;
  editor: ConfigurationEditor;
  journal: ConfigurationJournal;
  timers: Timers;
  recovery: Pick<Recovery, "run">;
  clock: Clock;
  log: Logger;
}

/** What came: a text, nothing new, or a failure beside which the last answer stays in force. */
type Fetched = { text: string; etag: string | null } | { failure: AppError } | undefined;
type RemoteSettings = Settings["config"]["remote"];

const TIMER = "config.remote";
const MS_PER_SECOND = 1_000;
const NOT_MODIFIED = 304;
const OK = 200;
const MAX_ETAG_LENGTH = 1_024;

/**
 * The remote source: asked at an interval with the ETag of the last answer. An answer that cannot be taken, or none,
 * leaves the last good one in force, which is also kept on disk for the next start.
 */
export class RemoteSource {
  readonly #parts: RemoteParts;
  readonly #asking = new Mutex();
  #answer: RemoteAnswer | undefined;
  #askedAt: number | null = null;
  #failure: string | null = null;
  #unwatch: (() => void) | undefined;

  constructor(parts: RemoteParts) {
    this.#parts = parts;
  }

  /** Undefined when there is no remote source. */
  get status(): RemoteStatus | undefined {
    const { url } = this.#settings;
    if (url === "") return undefined;
    return {
      url: shownUrl(url),
      etag: this.#answer?.etag ?? null,
      fetchedAt: this.#answer?.fetchedAt ?? null,
      askedAt: this.#askedAt,
      failure: this.#failure,
    };
  }

  /** Puts the last good answer in force; when there is none yet, asks for the first and waits for it. */
  async open(): Promise<void> {
    const { url } = this.#settings;
    if (url === "") return;
    this.#answer = this.#parts.answers.find(url);
    if (!this.#answer) return this.ask();
    try {
      this.#put(this.#answer.text, url);
    } catch (error) {
      this.#answer = undefined;
      this.#parts.journal.rejected("remote", error);
    }
  }

  /** Asks from now on, and again whenever the settings of the source change. */
  start(): void {
    this.#unwatch = this.#parts.configuration.watch(
      ({ config }) => config.remote,
      (remote) => this.#follow(remote),
    );
    this.#follow(this.#settings);
  }

  stop(): void {
    this.#unwatch?.();
    this.#parts.timers.cancel(TIMER);
  }

  /** Asks once. Never throws for what the other side or the network does: see {@link status}. */
  ask(): Promise<void> {
    return this.#asking.run(() => this.#ask(this.#settings));
  }

  get #settings(): RemoteSettings {
    return this.#parts.configuration.settings.config.remote;
  }

  #follow({ url, intervalSeconds }: RemoteSettings): void {
    const { timers, configuration, journal, answers } = this.#parts;
    if (url !== "") {
      timers.every(TIMER, intervalSeconds * MS_PER_SECOND, () => this.ask(), 0);
      return;
    }
    timers.cancel(TIMER);
    if (!this.#answer) return;
    this.#answer = undefined;
    answers.forget();
    // Not from within the change that ended the source: that one is still being told of.
    queueMicrotask(() => journal.accepted("remote", configuration.put(["remote"], []), "remote"));
  }

  async #ask(settings: RemoteSettings): Promise<void> {
    const { clock, log, journal } = this.#parts;
    if (settings.url === "") return;
    const before = this.#failure;
    try {
      this.#askedAt = clock.now();
      await this.#take(settings);
      this.#failure = null;
      if (before !== null)
        log.info("The remote configuration answers again", { url: shownUrl(settings.url) });
    } catch (error) {
      if (!(error instanceof AppError) || error.code === "internal") throw error;
      this.#failure = error.message;
      if (error instanceof InvalidConfiguration) journal.rejected("remote", error);
      else if (before !== error.message) {
        log.warning("The remote configuration cannot be fetched; the last answer stays in force", {
          url: shownUrl(settings.url),
          error,
        });
      }
    }
  }

  async #take(settings: RemoteSettings): Promise<void> {
    const { clock, answers, journal, editor } = this.#parts;
    const known = this.#answer?.url === settings.url ? this.#answer : undefined;
    const fetched = await this.#parts.recovery.run<Fetched>({
      where: "the remote configuration",
      work: () => this.#fetch(settings, known?.etag ?? null),
      circuit: `remote configuration ${shownUrl(settings.url)}`,
      ...(known ? { fallBack: (failure) => ({ failure }) } : {}),
    });
    if (fetched && "failure" in fetched) throw fetched.failure;
    if (fetched === undefined) {
      if (known) this.#answer = { ...known, fetchedAt: clock.now() };
      return;
    }
    const replacement = this.#put(fetched.text, settings.url);
    this.#answer = { url: settings.url, fetchedAt: clock.now(), ...fetched };
    answers.keep(this.#answer);
    journal.accepted("remote", replacement, shownUrl(settings.url));
    if (replacement.changes.length > 0) {
      await editor.recordOutside("remote", shownUrl(settings.url), replacement.changes);
    }
  }

  #put(text: string, url: string) {
    return this.#parts.configuration.put(["remote"], [parseLayer(text, shownUrl(url), "remote")]);
  }

  /** The text and its ETag; undefined when it is the one known. @throws OutboundError, AppError */
  async #fetch(
    { url, authorization, timeoutSeconds, allow }: RemoteSettings,
    etag: string | null,
  ): Promise<Fetched> {
    const policy = new OutboundPolicy({
      allow,
      totalTimeoutMs: timeoutSeconds * MS_PER_SECOND,
      connectTimeoutMs: timeoutSeconds * MS_PER_SECOND,
      maxResponseBytes: MAX_FILE_BYTES,
    });
    const headers = {
      accept: "application/yaml, application/json;q=0.9, text/*;q=0.8",
      ...(authorization === "" ? {} : { authorization }),
      ...(etag === null ? {} : { "if-none-match": etag }),
    };
    const { response } = await this.#parts.outbound.fetch({ url, headers }, policy);
    if (response.status === NOT_MODIFIED) return undefined;
    if (response.status !== OK) {
      await response.body?.cancel();
      throw new AppError("outbound_failed", `${shownUrl(url)} answers with the status ${response.status}.`);
    }
    const tag = response.headers.get("etag");
    return { text: await response.text(), etag: tag === null || tag.length > MAX_ETAG_LENGTH ? null : tag };
  }
}

/** An address as it may be shown: without user, password and query, which can hold secrets. */
function shownUrl(url: string): string {
  const parsed = URL.parse(url);
  return parsed ? `${parsed.origin}${parsed.pathname}` : "the remote source";
}
