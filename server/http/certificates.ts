import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { AppError, errorCodeOf } from "../errors/app-error.ts";
import type { Logger } from "../logs/logger.ts";

/** A certificate with its chain, and its key, as PEM. */
export interface CertificatePair {
  cert: string;
  key: string;
  /** Epoch milliseconds. */
  validUntil: number;
}

interface CertificateFiles {
  certFile: string;
  keyFile: string;
}

const MAX_FILE_LENGTH = 1024 * 1024;
const SOON_MS = 14 * 24 * 60 * 60 * 1_000;

/** The certificate files, read anew whenever they may have changed. */
export class Certificates {
  readonly #files: CertificateFiles;
  readonly #log: Logger;
  /** What was read last, good or bad, so that each content is judged once. */
  #seen = "";
  /** The last failure that was told of. */
  #told = "";

  constructor(files: CertificateFiles, log: Logger) {
    this.#files = files;
    this.#log = log;
  }

  /** @throws AppError `invalid_configuration` saying what is wrong with which file. */
  read(): CertificatePair {
    const cert = readText(this.#files.certFile);
    const key = readText(this.#files.keyFile);
    this.#seen = seenOf(cert, key);
    return checked(cert, key, this.#files);
  }

  /**
   * The pair, when the files hold another one than before. What does not hold together (a half-written file, a new
   * certificate beside the old key) is logged once and left: the next look finds the rest.
   */
  readChanged(nowMs: number): CertificatePair | undefined {
    try {
      const [cert, key] = [readText(this.#files.certFile), readText(this.#files.keyFile)];
      if (seenOf(cert, key) === this.#seen) return undefined;
      this.#seen = seenOf(cert, key);
      const pair = checked(cert, key, this.#files);
      this.#told = "";
      const expiry = { validUntil: new Date(pair.validUntil).toISOString() };
      if (pair.validUntil < nowMs + SOON_MS) this.#log.warning("The certificate ends soon", expiry);
      return pair;
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      if (this.#told !== error.message) {
        this.#log.warning("The changed certificate is not used; the one before stays", {
          reason: error.message,
        });
      }
      this.#told = error.message;
      return undefined;
    }
  }
}

const seenOf = (cert: string, key: string): string => Bun.hash(`${cert}\0${key}`).toString(36);

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8").slice(0, MAX_FILE_LENGTH);
  } catch (cause) {
    throw invalid(`${file} cannot be read (${errorCodeOf(cause)}).`, cause);
  }
}

function checked(cert: string, key: string, { certFile, keyFile }: CertificateFiles): CertificatePair {
  const certificate = attempt(() => new X509Certificate(cert), `${certFile} holds no whole PEM certificate.`);
  const privateKey = attempt(
    () => createPrivateKey(key),
    `${keyFile} holds no whole PEM key without a password.`,
  );
  if (!certificate.checkPrivateKey(privateKey)) {
    throw invalid(`The key in ${keyFile} does not belong to the certificate in ${certFile}.`);
  }
  return { cert, key, validUntil: Date.parse(certificate.validTo) };
}

function attempt<T>(work: () => T, failure: string): T {
  try {
    return work();
  } catch (cause) {
    throw invalid(failure, cause);
  }
}

const invalid = (message: string, cause?: unknown): AppError =>
  new AppError("invalid_configuration", message, { cause });
