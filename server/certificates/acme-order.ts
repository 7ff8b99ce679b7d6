import { AppError } from "../errors/app-error.ts";
import type { Clock } from "../lib/clock.ts";
import { Authorization, Order, read, reasonOf } from "./acme-messages.ts";
import type { AcmeSession } from "./acme-session.ts";
import type { Challenges } from "./challenges.ts";
import { certificateRequest, type KeyPair } from "./requests.ts";

interface OrderParts {
  session: AcmeSession;
  challenges: Challenges;
  clock: Clock;
  /** Ends the waiting. */
  signal: AbortSignal;
}

const POLL_MS = 2_000;
const CHALLENGE_TYPE = "http-01";
const PENDING: ReadonlySet<string> = new Set(["pending", "processing"]);

/**
 * Orders a certificate (RFC 8555 §7.4): proves that each name leads here, sends the request, waits, fetches.
 * @returns the certificate with its chain, as PEM.
 * @throws AppError `certificate_failed`, what `outbound` throws, or the signal's reason
 */
export async function orderCertificate(
  { session, challenges, clock, signal }: OrderParts,
  domains: readonly string[],
  keys: KeyPair,
): Promise<string> {
  const { newOrder } = await session.directory();
  const identifiers = domains.map((value) => ({ type: "dns", value }));
  const { body, location } = await session.post(newOrder, { identifiers });
  if (location === null)
    throw new AppError("certificate_failed", "The certificate authority's answer cannot be read.");
  const order = read(Order, body);
  await using answering = new AsyncDisposableStack();
  for (const url of order.authorizations) {
    answering.defer(await answerFor(session, challenges, url));
  }
  for (const url of order.authorizations) {
    const done = await settled(() => authorizationAt(session, url), clock, signal);
    if (done.status !== "valid") throw refused(done);
  }
  const csr = certificateRequest(domains, keys).toString("base64url");
  await session.post(order.finalize, { csr });
  const { certificate, status, error } = await settled(() => orderAt(session, location), clock, signal);
  if (status !== "valid" || certificate === undefined) {
    throw new AppError("certificate_failed", `The certificate was not given: ${reasonOf(error)}`);
  }
  return (await session.post(certificate)).text;
}

/** Puts the answer where the authority looks, and asks it to. @returns what takes the answer away. */
async function answerFor(session: AcmeSession, challenges: Challenges, url: string): Promise<() => void> {
  const authorization = await authorizationAt(session, url);
  // Proved not long ago, the authority remembers.
  if (authorization.status === "valid") return () => undefined;
  const challenge = authorization.challenges.find(({ type }) => type === CHALLENGE_TYPE);
  if (challenge?.token === undefined) {
    const { value } = authorization.identifier;
    throw new AppError("certificate_failed", `The authority offers no proof over HTTP for ${value}.`);
  }
  const end = challenges.put(challenge.token, session.keyAuthorization(challenge.token));
  try {
    await session.post(challenge.url, {});
  } catch (error) {
    end();
    throw error;
  }
  return end;
}

const authorizationAt = async (session: AcmeSession, url: string): Promise<Authorization> =>
  read(Authorization, (await session.post(url)).body);

const orderAt = async (session: AcmeSession, url: string): Promise<Order> =>
  read(Order, (await session.post(url)).body);

/** Asks until the authority has decided; the signal bounds it. */
async function settled<T extends { status: string }>(
  look: () => Promise<T>,
  clock: Clock,
  signal: AbortSignal,
): Promise<T> {
  for (;;) {
    const seen = await look();
    if (!PENDING.has(seen.status)) return seen;
    await pause(clock, POLL_MS, signal);
  }
}

function pause(clock: Clock, waitMs: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = clock.after(waitMs, resolve);
  const abort = (): void => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  return promise.finally(() => {
    timer.cancel();
    signal.removeEventListener("abort", abort);
  });
}

function refused({ identifier, challenges }: Authorization): AppError {
  const failed = challenges.find(({ error }) => error !== undefined);
  return new AppError(
    "certificate_failed",
    `The authority could not see that ${identifier.value} leads here: ${reasonOf(failed?.error)}`,
  );
}
