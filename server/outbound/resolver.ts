import { lookup } from "node:dns/promises";

/** Turns a name into addresses, as text. Called once for each hop; what it gives is what is connected to. */
export interface Resolver {
  /** At least one address, in the order to try. @throws when the name has none. */
  resolve(host: string): Promise<readonly string[]>;
}

/** The machine's own resolver, its hosts file included. */
export const systemResolver: Resolver = {
  async resolve(host) {
    const found = await lookup(host, { all: true, order: "verbatim" });
    return found.map(({ address }) => address);
  },
};
