import { hostname as machineName } from "node:os";
import pc from "picocolors";
import { BUILD } from "../lib/build-facts.ts";

/** What a person needs to know once the server listens. */
export interface GreetingFacts {
  /** Where people reach it: `http://127.0.0.1:8000`. */
  baseUrl: string;
  /** The address it listens on, as it stands in a URL. */
  hostname: string;
  /** That address is this machine's own only. */
  isLoopback: boolean;
  port: number;
  /** The one-time link, while nobody has an account. */
  setupLink: string | undefined;
  dataFolder: string;
}

/** The first words of the server; the lines a script may look for begin with a fixed label. */
export function greeting(facts: GreetingFacts): string {
  const { baseUrl, hostname, isLoopback, port, setupLink, dataFolder } = facts;
  const colours = pc.createColors(pc.isColorSupported && process.stdout.isTTY === true);
  const person = process.env.SUDO_USER ?? process.env.USER ?? "you";
  const tunnel = `ssh -L ${port}:${hostname}:${port} ${person}@${machineName()}`;
  const lines: [label: string, value: string][] = [
    ["Dashboard", `${baseUrl}/`],
    ...(setupLink === undefined
      ? []
      : [["Set up", `${setupLink}  ${colours.dim("(one use, 30 minutes)")}`] satisfies [string, string]]),
    ...(isLoopback
      ? [
          ["From afar", `${tunnel}  ${colours.dim("(then open the address above)")}`] satisfies [
            string,
            string,
          ],
        ]
      : []),
    ["Data folder", dataFolder],
  ];
  const body = lines.map(([label, value]) => `  ${colours.dim(label.padEnd(11))}  ${value}`).join("\n");
  return `\n${colours.bold(`Binnacle ${BUILD.version}`)}\n\n${body}\n`;
}
