import { readFileSync } from "node:fs";
import { CertificateFiles, factsOf } from "../certificates/certificate-files.ts";
import { type Failure, FailureNote, orderOf } from "../certificates/failure-note.ts";
import { type CertificateFacts, isRenewalDue } from "../certificates/renewal.ts";
import type { Settings } from "../config/schema.ts";
import { failed, ok, skipped, type Verdict, warning } from "./diagnosis.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;
/** A certificate of one's own that ends within this time is to be looked at. */
const ENDING_MS = 14 * DAY_MS;
const RENEW_YOURSELF = "put a new certificate in its place; it is taken up without a restart";

/** How the certificate of this server stands: from files, or from an authority. */
export function checkCertificate(tls: Settings["server"]["tls"], folder: string, now: number): Verdict {
  if (tls.acme.domains.length > 0) return ofAuthority(tls.acme, folder, now);
  if (tls.certFile === "") return skipped("no TLS is set up");
  const facts = factsOf(readFileSync(tls.certFile, "utf8"), readFileSync(tls.keyFile, "utf8"));
  if (!facts) {
    return failed(
      `${tls.certFile} and ${tls.keyFile} are no certificate with its key`,
      "the server does not start with them",
    );
  }
  return ofFacts(facts, now, ENDING_MS, RENEW_YOURSELF);
}

function ofAuthority(
  { domains, directoryUrl }: Settings["server"]["tls"]["acme"],
  folder: string,
  now: number,
): Verdict {
  const names = domains.map((domain) => domain.toLowerCase());
  const facts = new CertificateFiles(folder).facts();
  const failure = new FailureNote(folder).find(orderOf(directoryUrl, names));
  if (!facts && !failure) return skipped("the first start asks for it");
  const advice = failure ? adviceOf(failure) : "the running server asks for another; see docs/access.md";
  if (!facts || facts.isTemporary) {
    return failed(`there is none for ${names.join(", ")} yet, a temporary one is shown`, advice);
  }
  if (!isRenewalDue(facts, names, now)) return ofFacts(facts, now, 0, advice);
  const missing = names.filter((name) => !facts.domains.includes(name));
  if (missing.length > 0) return failed(`it is not for ${missing.join(", ")}`, advice);
  return ofFacts(facts, now, Number.POSITIVE_INFINITY, advice);
}

function ofFacts(facts: CertificateFacts, now: number, endingMs: number, advice: string): Verdict {
  const { domains, validUntil } = facts;
  const days = Math.floor((validUntil - now) / DAY_MS);
  const until = `${domains.join(", ")}, until ${day(validUntil)}`;
  if (now >= validUntil) return failed(`${until}: it has ended`, advice);
  const detail = `${until} (${days} ${days === 1 ? "day" : "days"})`;
  return validUntil - now < endingMs ? warning(detail, advice) : ok(detail);
}

const adviceOf = ({ failures, failedAt, nextTryAt, reason }: Failure): string =>
  `the last of ${failures} failed ${failures === 1 ? "order" : "orders"} was on ${minute(failedAt)}: ${reason} The next is due at ${minute(nextTryAt)}`;

const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
const minute = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
