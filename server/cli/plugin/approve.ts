import { createInterface } from "node:readline/promises";
import { AppError } from "../../errors/app-error.ts";
import type { ApprovalView } from "../../plugins/model.ts";
import { withClient } from "../connect.ts";
import type { ApproveOptions } from "../plugin.ts";
import { formatTime, Terminal } from "../terminal.ts";
import { PluginApi } from "./plugin-api.ts";

const MARKS = { same: " ", added: "+", removed: "-", changed: "~" } as const;

/** `plugin approve NAME`: shows what it asks for, and agrees to exactly that, when a person says so. */
export async function approve(name: string, options: ApproveOptions): Promise<void> {
  const terminal = new Terminal(options);
  await withClient(options, "running", async (client) => {
    const api = new PluginApi(client);
    const wanted = await api.approval(name);
    if (!terminal.isJson) console.log(describe(wanted, terminal));
    if (!wanted.isNeeded) {
      terminal.show({ id: name, outcome: "not needed" }, () => `\nNothing waits for an approval.`);
      return;
    }
    if (!options.yes) await agreement(name, terminal);
    const plugin = await api.approve(name, wanted);
    terminal.show(plugin, () => `\n${name} ${plugin.version} is approved.`);
  });
}

/** @throws AppError `invalid_request` when nobody is there to be asked, or says no */
async function agreement(name: string, { isJson }: Terminal): Promise<void> {
  if (isJson || process.stdin.isTTY !== true) {
    throw new AppError("invalid_request", `To approve ${name} without being asked, say --yes.`);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal
    .question(`\nApprove ${name} with all of this? [y/N] `)
    .finally(() => terminal.close());
  if (!/^y(?:es)?$/i.test(answer.trim())) throw new AppError("invalid_request", "Nothing was approved.");
}

function describe(
  { id, version, digest, permissions, files, signedBy, approved }: ApprovalView,
  terminal: Terminal,
): string {
  const rows = permissions.map(({ change, kind, text, now, why }) => [
    MARKS[change],
    kind,
    now === null ? text : `${text} = ${now.join(", ") || "nothing yet"}`,
    why,
  ]);
  const changed = files.filter(({ change }) => change !== "same");
  return [
    terminal.facts([
      ["plugin", `${id} ${version}`],
      ["digest", digest],
      ["signed by", signedBy ?? "nobody"],
      [
        "approved now",
        approved ? `${approved.version} by ${approved.by}, ${formatTime(approved.at)}` : "nothing",
      ],
    ]),
    rows.length === 0
      ? "It asks for no permission."
      : terminal.table(["", "permission", "what", "why"], rows),
    changed.length === 0
      ? `${files.length} files, as approved.`
      : terminal.table(
          ["", "file", "bytes"],
          changed.map(({ change, path, sizeBytes }) => [MARKS[change], path, String(sizeBytes)]),
        ),
  ].join("\n\n");
}
