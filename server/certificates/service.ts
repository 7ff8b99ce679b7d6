import { readFileSync } from "node:fs";
import type { Settings } from "../config/schema.ts";
import { AppError, toAppError } from "../errors/app-error.ts";
import type { FailureReport } from "../errors/failure.ts";
import { withTimeLimit } from "../errors/time-limit.ts";
import type { Events } from "../events/events.ts";
import { fullJitterMs } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../logs/logger.ts";
import type { Outbound } from "../outbound/outbound.ts";
import { OutboundPolicy } from "../outbound/policy.ts";
import type { Timers } from "../scheduler/timers.ts";
import { orderCertificate } from "./acme-order.ts";
import { AcmeSession } from "./acme-session.ts";
import { CertificateFiles, factsOf } from "./certificate-files.ts";
import { Challenges } from "./challenges.ts";
import { FailureNote, orderOf } from "./failure-note.ts";
import { isRenewalDue } from "./renewal.ts";
import { newKeyPair, privatePem, temporaryCertificate } from "./requests.ts";

interface CertificateParts {
  /** In force since the start: they need a restart. */
  settings: Settings["server"]["tls"]["acme"];
  /** In the data folder, for this alone. */
  folder: string;
  outbound: Pick<Outbound, "fetch">;
  events: Pick<Events, "publishLater">;
  report: FailureReport;
  timers: Timers;
  clock: Clock;
  log: Logger;
}

const TIMER = "certificates.renewal";
const LOOK_MS = 60_000;
/** The whole order: most authorities need some seconds. */
const ORDER_MS = 5 * 60_000;
const REQUEST_MS = 30_000;
const MAX_ANSWER_BYTES = 1024 * 1024;
const HOUR_MS = 60 * 60_000;
/** Authorities count failures an hour: this is waited at least, and a growing, random time besides. */
const SHORTEST_WAIT_MS = 10 * 60_000;
const BACKOFF = { baseMs: 10 * 60_000, capMs: 12 * HOUR_MS };
const LONGEST_WAIT_MS = 24 * HOUR_MS;
/** A failure is urgent when the certificate ends within this time. */
const URGENT_MS = 7 * 24 * HOUR_MS;

/**
 * The certificate that an authority gives this server (ACME, RFC 8555): asked for at the first start, and again before
 * it ends. What goes wrong is told and tried again; the certificate that is there stays in use meanwhile, a temporary
 * one when there is none yet. Whoever listens reads the files, and again when they change.
 */
export class Certificate {
  readonly challenges = new Challenges();
  readonly files: CertificateFiles;
  readonly #parts: CertificateParts;
  readonly #domains: readonly string[];
  readonly #policy: OutboundPolicy;
  readonly #note: FailureNote;
  /** In a row, over restarts. */
  #failures = 0;
  /** Of the clock that never steps. */
  #nextTryAt = 0;
  #ordering: AbortController | undefined;

  /** @throws AppError `invalid_configuration` when `caFile` or `allow` cannot be read. */
  constructor(parts: CertificateParts) {
    const { allow, caFile, domains } = parts.settings;
    this.#parts = parts;
    this.#domains = domains.map((domain) => domain.toLowerCase());
    this.files = new CertificateFiles(parts.folder);
    this.#note = new FailureNote(parts.folder);
    this.#policy = new OutboundPolicy({
      allow,
      totalTimeoutMs: REQUEST_MS,
      maxResponseBytes: MAX_ANSWER_BYTES,
      ...(caFile === "" ? {} : { tls: { ca: readAuthority(caFile) } }),
    });
  }

  /** Sees that there is a certificate to listen with, and waits on where the last run was told to wait. */
  open(): void {
    this.#takeUpFailure();
    if (this.files.facts()) return;
    const keys = newKeyPair();
    const now = this.#parts.clock.now();
    this.files.write(temporaryCertificate(this.#domains, keys, now), privatePem(keys));
  }

  /** Asks for one when that is due, from now on. */
  start(): void {
    this.#parts.timers.every(TIMER, LOOK_MS, () => this.renewWhenDue(), 0);
  }

  stop(): void {
    this.#parts.timers.cancel(TIMER);
    this.#ordering?.abort(new AppError("not_ready", "The server stops."));
  }

  /** Never throws for what the authority or the network does: that is told, and tried again later. */
  async renewWhenDue(): Promise<void> {
    const { clock } = this.#parts;
    if (this.#ordering || clock.monotonic() < this.#nextTryAt) return;
    if (!isRenewalDue(this.files.facts(), this.#domains, clock.now())) return;
    this.#ordering = new AbortController();
    try {
      await withTimeLimit(clock, ORDER_MS, (signal) => this.#order(signal), this.#ordering);
      this.#failures = 0;
      this.#nextTryAt = 0;
      this.#note.forget();
    } catch (thrown) {
      if (!this.#ordering.signal.aborted || toAppError(thrown).code === "timed_out") this.#failed(thrown);
    } finally {
      this.#ordering = undefined;
    }
  }

  /** Other names or another authority are asked for at once. A clock that was set back makes nobody wait longer than usual. */
  #takeUpFailure(): void {
    const { clock } = this.#parts;
    const failure = this.#note.find(this.#orderName);
    if (!failure) return;
    const waitMs = Math.min(LONGEST_WAIT_MS, Math.max(0, failure.nextTryAt - clock.now()));
    this.#failures = failure.failures;
    this.#nextTryAt = clock.monotonic() + waitMs;
  }

  get #orderName(): string {
    return orderOf(this.#parts.settings.directoryUrl, this.#domains);
  }

  async #order(signal: AbortSignal): Promise<void> {
    const { outbound, settings, clock, events, log } = this.#parts;
    const { directoryUrl, email } = settings;
    const account = this.files.accountKeys();
    const session = new AcmeSession({ outbound, policy: this.#policy, directoryUrl, account, signal });
    await session.enter(email === "" ? {} : { contact: [`mailto:${email}`] });
    const keys = newKeyPair();
    const { challenges } = this;
    const cert = await orderCertificate({ session, challenges, clock, signal }, this.#domains, keys);
    const key = privatePem(keys);
    const facts = factsOf(cert, key);
    if (!facts || isRenewalDue(facts, this.#domains, clock.now())) {
      throw new AppError(
        "certificate_failed",
        "The certificate that came is not the one that was asked for.",
      );
    }
    this.files.write(cert, key);
    const validUntil = new Date(facts.validUntil).toISOString();
    log.info("There is a new certificate", { domains: this.#domains.join(", "), validUntil });
    events.publishLater({
      type: "certificate.renewed",
      payload: { domains: [...this.#domains], validUntil },
    });
  }

  #failed(thrown: unknown): void {
    const { clock, events, log, report } = this.#parts;
    const error = toAppError(thrown);
    this.#failures++;
    const backoffMs = SHORTEST_WAIT_MS + fullJitterMs(this.#failures, BACKOFF);
    const waitMs = Math.min(LONGEST_WAIT_MS, Math.max(backoffMs, error.retryAfterMs ?? 0));
    this.#nextTryAt = clock.monotonic() + waitMs;
    const [failedAt, nextTryAt] = [clock.now(), clock.now() + waitMs];
    const facts = this.files.facts();
    const isUrgent = !facts || facts.isTemporary || facts.validUntil - clock.now() < URGENT_MS;
    const retryAt = new Date(nextTryAt).toISOString();
    log.error("No new certificate", { domains: this.#domains.join(", "), retryAt, error });
    report(error, { where: "the certificate of this server", isUrgent });
    events.publishLater({
      type: "certificate.failed",
      payload: { domains: [...this.#domains], reason: error.message, retryAt },
    });
    // Last: a disk that is full keeps nobody from hearing of it.
    this.#note.keep({
      ...{ order: this.#orderName, failures: this.#failures, reason: error.message },
      ...{ failedAt, nextTryAt },
    });
  }
}

function readAuthority(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new AppError("invalid_configuration", `server.tls.acme.caFile: ${file} cannot be read.`, { cause });
  }
}
