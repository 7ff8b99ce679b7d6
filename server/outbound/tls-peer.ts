import type { Socket } from "node:net";
import { type PeerCertificate, TLSSocket } from "node:tls";

/** Who the other side of a TLS connection has shown itself to be. */
export interface TlsPeer {
  /** As in `CN=example.com, O=Example`. */
  subject: string;
  issuer: string;
  /** Names and addresses that the certificate is for: `example.com`. */
  names: string[];
  /** Epoch milliseconds. */
  validFrom: number;
  /** Epoch milliseconds: when the certificate ends. */
  validTo: number;
  /** SHA-256 of the certificate in hex. */
  fingerprint: string;
  /** `TLSv1.3` */
  protocol: string;
}

const MAX_NAMES = 100;
const MAX_TEXT_LENGTH = 500;

/** The certificate that was shown and judged; undefined without TLS, or when it cannot be read any more. */
export function tlsPeerOf(socket: Socket): TlsPeer | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const shown: Partial<PeerCertificate> = socket.getPeerCertificate();
  const [validFrom, validTo] = [Date.parse(shown.valid_from ?? ""), Date.parse(shown.valid_to ?? "")];
  if (Number.isNaN(validFrom) || Number.isNaN(validTo)) return undefined;
  return {
    subject: named(shown.subject),
    issuer: named(shown.issuer),
    names: namesIn(shown.subjectaltname ?? ""),
    validFrom,
    validTo,
    fingerprint: (shown.fingerprint256 ?? "").replaceAll(":", "").toLowerCase(),
    protocol: socket.getProtocol() ?? "",
  };
}

/** `{ CN: "example.com" }` → `CN=example.com`. */
function named(fields: object | undefined): string {
  const parts = Object.entries(fields ?? {}).map(([name, value]) => `${name}=${[value].flat().join("+")}`);
  return parts.join(", ").slice(0, MAX_TEXT_LENGTH);
}

/** `DNS:example.com, IP Address:192.0.2.1` → the names alone. */
const namesIn = (text: string): string[] =>
  text
    .split(", ")
    .slice(0, MAX_NAMES)
    .map((one) => one.slice(one.indexOf(":") + 1).slice(0, MAX_TEXT_LENGTH))
    .filter((name) => name !== "");
