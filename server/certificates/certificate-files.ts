import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { errorCodeOf } from "../errors/app-error.ts";
import type { CertificateFacts } from "./renewal.ts";
import { type KeyPair, newKeyPair, privatePem } from "./requests.ts";

const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;

/** Where the certificate of an authority, its key and the key of the account stand in the data folder: for the owner alone. */
export class CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
  readonly #accountKeyFile: string;

  constructor(folder: string) {
    this.certFile = join(folder, "certificate.pem");
    this.keyFile = join(folder, "certificate.key");
    this.#accountKeyFile = join(folder, "account.key");
  }

  /** Of the certificate that is there; undefined when there is none, or it cannot be used. */
  facts(): CertificateFacts | undefined {
    const [cert, key] = [readText(this.certFile), readText(this.keyFile)];
    return cert === undefined || key === undefined ? undefined : factsOf(cert, key);
  }

  /** Puts a certificate with its chain and its key in place of the ones before; a crash between the two leaves no pair, and the next start asks anew. */
  write(cert: string, key: string): void {
    writeWhole(this.keyFile, key);
    writeWhole(this.certFile, cert);
  }

  /** The key by which the authority knows this server; made at the first call. */
  accountKeys(): KeyPair {
    const text = readText(this.#accountKeyFile);
    if (text !== undefined) {
      const privateKey = createPrivateKey(text);
      return { privateKey, publicKey: createPublicKey(privateKey) };
    }
    const keys = newKeyPair();
    writeWhole(this.#accountKeyFile, privatePem(keys));
    return keys;
  }
}

/** Of a certificate with its chain and its key, as PEM; undefined when they are damaged or do not belong together. */
export function factsOf(cert: string, key: string): CertificateFacts | undefined {
  try {
    const certificate = new X509Certificate(cert);
    if (!certificate.checkPrivateKey(createPrivateKey(key))) return undefined;
    return {
      domains: namesOf(certificate),
      validFrom: Date.parse(certificate.validFrom),
      validUntil: Date.parse(certificate.validTo),
      isTemporary: certificate.issuer === certificate.subject,
    };
  } catch {
    return undefined; // cut off or damaged: as good as none, and replaced by the next one
  }
}

/** Of a file; undefined when there is none. */
export function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (errorCodeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Puts a file of the owner's alone in place of the one before, as a whole; makes its folder. */
export function writeWhole(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: FOLDER_MODE });
  const partial = `${file}.partial`;
  writeFileSync(partial, text, { mode: FILE_MODE, flush: true });
  renameSync(partial, file);
}

const namesOf = ({ subjectAltName }: X509Certificate): string[] =>
  [...(subjectAltName ?? "").matchAll(/DNS:([^,\s]+)/g)].map(([, name = ""]) => name.toLowerCase());
