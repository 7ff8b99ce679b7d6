import { posix } from "node:path";
import { parsePattern } from "../../../events/pattern.ts";
import { parseTarget } from "../../../outbound/target.ts";
import { isSecretName } from "../../../secrets/secret-name.ts";
import type { ArgumentRule, Grant } from "./grant.ts";

/** One value of a declared permission: as its author wrote it, or from the configuration, where it may be a secret. */
export interface GrantValue {
  text: string;
  isConfigured: boolean;
}

/** As it is told to people: what is configured is not. */
const shown = ({ text, isConfigured }: GrantValue, maxLength = 100): string =>
  isConfigured ? "its configured value" : JSON.stringify(text.slice(0, maxLength));

const DEFAULT_PORT = 443;
const MAX_PATH_LENGTH = 4_096;
const MAX_ARGUMENT_LENGTH = 4_096;
const MAX_ARGUMENTS = 64;
const MAX_HOST_LENGTH = 1_024;
const PORTS_OF_SCHEMES: Readonly<Record<string, number>> = {
  "http:": 80,
  "https:": 443,
  "ws:": 80,
  "wss:": 443,
  "smtp:": 25,
  "smtps:": 465,
  "ldap:": 389,
  "ldaps:": 636,
};
/** These folders speak for the kernel, for devices and for other programs: no file of theirs is only a file. */
const KERNEL_FOLDERS = ["/proc", "/sys", "/dev", "/run", "/var/run"];
const ENVIRONMENT_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
/** What the environment holds of secrets stays there: they belong into the secret store, where each use is audited. */
const SECRET_VARIABLE =
  /^BINNACLE_|(?:^|_)(?:KEY|TOKEN|SECRET|PASS|PASSWD|PASSWORD|CREDENTIAL|AUTH)S?(?:_|$)/i;
/** Programs that run whatever their arguments say. */
const LAUNCHERS = [
  "(?:ba|da|k|mk|z|fi|c|tc|a|rba|pw|ya|po)?sh|busybox|toybox|env|xargs|find|parallel|run-parts|start-stop-daemon|systemd-run|crontab|at",
  "nice|ionice|nohup|setsid|timeout|stdbuf|time|watch|taskset|chrt|setarch|linux(?:32|64)|numactl|prlimit|choom|flock|script|screen|tmux",
  "chroot|unshare|nsenter|setpriv|capsh|sudo|su|sg|newgrp|doas|pkexec|runuser|fakeroot|bwrap|firejail|aa-exec|ip|docker|podman|kubectl",
  "strace|ltrace|gdb|perf|valgrind|ld|ld-linux|ld-musl|ldd|cc|gcc|g\\+\\+|clang|go|cargo|make|cmake|ninja|m4",
  "awk|gawk|mawk|sed|ed|ex|vi|vim|nano|emacs|less|more|man|perl|ruby|gem|bundle|rake|php|lua|guile|R|Rscript|julia|java|tclsh|wish|expect",
  "node|nodejs|npm|npx|yarn|pnpm|bun|bunx|deno|python|pypy|pip|uv",
  "tar|cpio|zip|split|sort|rsync|git|hg|svn|ssh|scp|sftp|ftp|nc|ncat|socat|tcpdump|nmap|sqlite3|mysql|psql|dpkg|apt|apt-get|rpm|yum|dnf|snap",
];
const LAUNCHER = new RegExp(`^(?:${LAUNCHERS.join("|")})(?:[-.0-9].*)?$`);

/** Why a declared permission gives nothing: a sentence for people. */
export class RefusedGrant extends Error {
  override readonly name = "RefusedGrant";
}

/** @throws RefusedGrant */
export function netGrant(host: GrantValue, port: GrantValue | undefined, isPrivate: boolean): Grant {
  const place = host.isConfigured ? readPlace(host) : { host: host.text, port: undefined };
  const number = port === undefined ? (place.port ?? DEFAULT_PORT) : readPort(port);
  const target = readHost({ ...host, text: place.host }, number);
  const isNamed = target.address !== undefined || /(?:^|\.)localhost$/.test(target.host);
  return { kind: "net", host: target.host, port: number, isPrivate: isPrivate || isNamed };
}

/** @throws RefusedGrant */
export function pathGrant(kind: "read" | "write", value: GrantValue, forbidden: readonly string[]): Grant {
  const path = readPath(value);
  const touched = [...KERNEL_FOLDERS, ...forbidden].find(
    (one) => isBeneath(one, path) || isBeneath(path, one),
  );
  if (touched !== undefined) {
    const name = value.isConfigured ? shown(value) : path;
    throw new RefusedGrant(`${name} touches ${touched}, which no plugin may reach.`);
  }
  return { kind, path };
}

/** @throws RefusedGrant */
export function runGrant(
  command: GrantValue,
  given: readonly GrantValue[],
  rules: readonly ArgumentRule[],
): Grant {
  const path = readPath(command);
  const name = command.isConfigured ? shown(command) : path;
  if (given.length > MAX_ARGUMENTS || given.some(({ text }) => !isArgument(text))) {
    throw new RefusedGrant(
      `${name} has more than ${MAX_ARGUMENTS} arguments, or one that is too long or holds a control character.`,
    );
  }
  if (rules.slice(0, -1).includes("rest")) {
    throw new RefusedGrant(`"..." stands in the middle of the arguments of ${name}; it can only end them.`);
  }
  if (LAUNCHER.test(posix.basename(path)) && rules.some((rule) => typeof rule === "string")) {
    throw new RefusedGrant(
      `${name} runs whatever its arguments say; name every argument of it, without * or "...".`,
    );
  }
  return { kind: "run", command: path, arguments: rules };
}

/** @throws RefusedGrant */
export function nameGrant(kind: "env" | "secrets", value: GrantValue): Grant {
  const { text: name } = value;
  if (kind === "secrets") {
    if (isSecretName(name)) return { kind, name };
    throw new RefusedGrant(`${shown(value)} is not a name of a secret.`);
  }
  if (!ENVIRONMENT_NAME.test(name)) {
    throw new RefusedGrant(`${shown(value)} is not a name of an environment variable.`);
  }
  if (SECRET_VARIABLE.test(name)) {
    throw new RefusedGrant(
      `${shown(value)} looks like a secret; store it as one, and ask for it under secrets.`,
    );
  }
  return { kind, name };
}

/** @throws RefusedGrant */
export function hooksGrant(value: GrantValue): Grant {
  try {
    return { kind: "hooks", event: parsePattern(value.text).text };
  } catch {
    throw new RefusedGrant(`${shown(value)} is not a pattern of event types.`);
  }
}

/** @throws RefusedGrant */
export function browserGrant(value: GrantValue, isPrivate: boolean): Grant {
  const place = value.isConfigured ? readPlace(value) : splitPort(value);
  const { host } = readHost({ ...value, text: place.host }, place.port ?? DEFAULT_PORT);
  const name = host.includes(":") ? `[${host}]` : host;
  return { kind: "browser", host: place.port === undefined ? name : `${name}:${place.port}`, isPrivate };
}

/** Whether `path` is `folder` or lies beneath it; both normalised. */
export const isBeneath = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder === "/" ? "/" : `${folder}/`);

function readPath(value: GrantValue): string {
  const { text } = value;
  const isPlain = text.startsWith("/") && text.length <= MAX_PATH_LENGTH && !holdsControl(text);
  const path = isPlain ? posix.normalize(text).replace(/(.)\/$/, "$1") : "";
  if (!isPlain || text.split("/").includes("..")) {
    throw new RefusedGrant(`${shown(value, 200)} is not an absolute path without "..".`);
  }
  return path;
}

/** A URL, `host:port` or a host, as people write them into a configuration. */
function readPlace(value: GrantValue): { host: string; port: number | undefined } {
  const { text } = value;
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return splitPort(value);
  const url = text.length <= MAX_HOST_LENGTH ? URL.parse(text) : null;
  if (!url || url.hostname === "") throw new RefusedGrant("The configured URL cannot be read.");
  const port = url.port === "" ? PORTS_OF_SCHEMES[url.protocol] : Number(url.port);
  return { host: url.hostname, port };
}

function splitPort(value: GrantValue): { host: string; port: number | undefined } {
  const { text } = value;
  const match = /^(\[[^\]]*\]|[^:]*):(\d{1,5})$/.exec(text);
  const [, host = text, port] = match ?? [];
  return { host, port: port === undefined ? undefined : readPort({ ...value, text: port }) };
}

function readPort(value: GrantValue): number {
  const { text } = value;
  if (/^[1-9]\d{0,4}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new RefusedGrant(`${shown(value, 20)} is not a port from 1 to 65535.`);
}

function readHost(value: GrantValue, port: number): ReturnType<typeof parseTarget> {
  try {
    return parseTarget(value.text, port);
  } catch {
    throw new RefusedGrant(`${shown(value)} is not an exact host name or address; wildcards are not taken.`);
  }
}

const isArgument = (text: string): boolean => text.length <= MAX_ARGUMENT_LENGTH && !holdsControl(text);

function holdsControl(text: string): boolean {
  for (const character of text) {
    const code = character.charCodeAt(0);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}
