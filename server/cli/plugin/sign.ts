import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { AppError, errorCodeOf } from "../../errors/app-error.ts";
import { keyIdOf, publicKeyText, SIGNATURE_FILE, signatureText } from "../../plugins/trust/signature.ts";
import { Terminal } from "../terminal.ts";
import { readPlugin } from "./read-plugin.ts";

export interface SignOptions {
  key: string;
  newKey?: boolean;
  json?: boolean;
}

const KEY_MODE = 0o600;

/** `plugin sign PATH --key FILE`: writes the signature beside the manifest, and tells what a server has to trust. */
export async function sign(path: string, options: SignOptions): Promise<void> {
  const folder = resolve(path);
  const plugin = await readPlugin(folder);
  if (!statSync(folder).isDirectory()) {
    throw new AppError(
      "invalid_request",
      "A plugin of one file has no place for a signature; give it a folder with a plugin.json.",
    );
  }
  const key = options.newKey ? makeKey(options.key) : readKey(options.key);
  const { id, version } = plugin.manifest;
  const file = join(folder, SIGNATURE_FILE);
  writeFileSync(file, signatureText({ id, version, digest: plugin.digest }, key));
  const publicKey = createPublicKey(key);
  const signed = {
    id,
    version,
    digest: plugin.digest,
    file,
    keyId: keyIdOf(publicKey),
    publicKey: publicKeyText(publicKey),
  };
  new Terminal(options).show(signed, ({ keyId }) =>
    [
      `Signed ${id} ${version} (${plugin.digest.slice(0, 12)}) with the key ${keyId}: ${file}`,
      "",
      "Servers that shall know the key have in their configuration:",
      "",
      "plugins:",
      "  trustedKeys:",
      `    - { name: my key, publicKey: "${signed.publicKey}" }`,
    ].join("\n"),
  );
}

function makeKey(file: string): KeyObject {
  const { privateKey } = generateKeyPairSync("ed25519");
  try {
    writeFileSync(file, privateKey.export({ type: "pkcs8", format: "pem" }), { mode: KEY_MODE, flag: "wx" });
  } catch (error) {
    const code = errorCodeOf(error);
    const reason = code === "EEXIST" ? "it is there already; leave --new-key out to use it" : code;
    throw new AppError("invalid_request", `Cannot make the key ${file}: ${reason}.`, { cause: error });
  }
  return privateKey;
}

function readKey(file: string): KeyObject {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = errorCodeOf(error);
    const reason = code === "ENOENT" ? "it is not there; add --new-key to make one" : code;
    throw new AppError("invalid_request", `Cannot read the key ${file}: ${reason}.`, { cause: error });
  }
  const key = parseKey(text);
  if (key?.asymmetricKeyType === "ed25519") return key;
  throw new AppError("invalid_request", `${file} does not hold an Ed25519 private key in PEM.`);
}

function parseKey(text: string): KeyObject | undefined {
  try {
    return createPrivateKey(text);
  } catch (error) {
    if (error instanceof Error) return undefined;
    throw error;
  }
}
