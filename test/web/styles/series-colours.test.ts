import { describe, expect, test } from "bun:test";
import { join } from "node:path";

type Triple = [number, number, number];

const TOKENS = await Bun.file(join(import.meta.dir, "../../../web/styles/tokens.css")).text();
const SERIES = 10;
/** Distances in OKLab ×100. Neighbours in the order meet most often, so they must differ most. */
const LEAST_DISTANCE = 5;
const LEAST_DISTANCE_OF_FIRST_FOUR = 8;
const LEAST_CONTRAST_OF_LINES = 3;

/** Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB. */
const VISIONS: Record<string, Triple[]> = {
  "full colour": [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function token(name: string, theme: "light" | "dark"): Triple {
  const match = new RegExp(`--${name}: light-dark\\(oklch\\(([^)]+)\\), oklch\\(([^)]+)\\)\\)`).exec(TOKENS);
  const text = match?.[theme === "light" ? 1 : 2];
  if (text === undefined) throw new Error(`No token --${name}`);
  const [l = 0, c = 0, h = 0] = text.split(" ").map(Number);
  return [l, c, h];
}

/** OKLCH → linear sRGB after Björn Ottosson's definition, clipped to what a screen shows. */
function linearRgb([l, c, h]: Triple): Triple {
  const a = c * Math.cos((h * Math.PI) / 180);
  const b = c * Math.sin((h * Math.PI) / 180);
  const long = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const clip = (value: number): number => Math.min(1, Math.max(0, value));
  return [
    clip(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
    clip(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
    clip(-0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short),
  ];
}

function seenBy(vision: Triple[], [r, g, b]: Triple): Triple {
  const [x = 0, y = 0, z = 0] = vision.map(([p, q, s]) => Math.min(1, Math.max(0, p * r + q * g + s * b)));
  return [x, y, z];
}

function oklab([r, g, b]: Triple): Triple {
  const long = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const medium = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const short = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * long + 0.793617785 * medium - 0.0040720468 * short,
    1.9779984951 * long - 2.428592205 * medium + 0.4505937099 * short,
    0.0259040371 * long + 0.7827717662 * medium - 0.808675766 * short,
  ];
}

function distance(a: Triple, b: Triple): number {
  return 100 * Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

function luminance([r, g, b]: Triple): number {
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: Triple, b: Triple): number {
  const [dark = 0, light = 0] = [luminance(linearRgb(a)), luminance(linearRgb(b))].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}

function closePairs(theme: "light" | "dark", vision: Triple[]): string[] {
  const seen = Array.from({ length: SERIES }, (_, index) =>
    oklab(seenBy(vision, linearRgb(token(`series-${index + 1}`, theme)))),
  );
  return seen.flatMap((first, i) =>
    seen.slice(i + 1).flatMap((second, offset) => {
      const j = i + 1 + offset;
      const least = j < 4 ? LEAST_DISTANCE_OF_FIRST_FOUR : LEAST_DISTANCE;
      const apart = distance(first, second);
      return apart < least ? [`${i + 1} and ${j + 1}: ${apart.toFixed(1)}`] : [];
    }),
  );
}

describe.each(["light", "dark"] as const)("in the %s theme", (theme) => {
  test.each(Object.entries(VISIONS))("ten series can be told apart by %s vision", (_name, vision) => {
    expect(closePairs(theme, vision)).toEqual([]);
  });

  test("every line stands out from the card", () => {
    const weak = Array.from({ length: SERIES }, (_, index) => `series-${index + 1}`).filter(
      (name) => contrast(token(name, theme), token("card", theme)) < LEAST_CONTRAST_OF_LINES,
    );
    expect(weak).toEqual([]);
  });

  test.each(["ink", "soft", "faint", "calm", "watch", "alarm", "info", "unknown", "brass-ink"])(
    "--%s is readable on every ground (AA)",
    (name) => {
      for (const ground of ["ground", "card", "sunken"])
        expect(contrast(token(name, theme), token(ground, theme))).toBeGreaterThanOrEqual(4.5);
    },
  );
});
