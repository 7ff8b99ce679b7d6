/** A secret as somebody may choose it: with everything that another encoding writes differently. */
export const CANARY = 'c4n4ry "in/a+coal\\mine" é&=%';

/** Every form in which the value would still be the value. */
export const FORMS: Readonly<Record<string, string>> = {
  plain: CANARY,
  base64: Buffer.from(CANARY).toString("base64").replace(/=+$/, ""),
  base64url: Buffer.from(CANARY).toString("base64url"),
  hex: Buffer.from(CANARY).toString("hex"),
  url: encodeURIComponent(CANARY),
  form: new URLSearchParams({ v: CANARY }).toString().slice(2),
  json: JSON.stringify(CANARY).slice(1, -1),
  jsonTwice: JSON.stringify(JSON.stringify(CANARY)).slice(3, -3),
};

/** In these, capital and small letters mean the same. */
const FOLDED = new Set(["hex", "url", "form"]);

/** Looks for the canary, and for other values, in everything it is shown. */
export class Lookout {
  /** Where something was found, and in which form. */
  readonly sightings: string[] = [];
  looked = 0;
  readonly #also: readonly string[];

  constructor(...also: readonly string[]) {
    this.#also = also;
  }

  look(where: string, text: string): void {
    this.looked++;
    const folded = text.toLowerCase();
    for (const [form, value] of Object.entries(FORMS)) {
      const isThere = FOLDED.has(form) ? folded.includes(value.toLowerCase()) : text.includes(value);
      if (isThere) this.sightings.push(`${where}: ${form}`);
    }
    for (const value of this.#also) if (text.includes(value)) this.sightings.push(`${where}: ${value}`);
  }
}
