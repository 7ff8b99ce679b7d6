/** How many lines get a colour of their own. */
export const PALETTE_SIZE = 10;

export interface ChartPalette {
  series: string[];
  band: string[];
  area: string[];
  grid: string;
  label: string;
  cursor: string;
  limit: string;
  span: string;
  font: string;
}

/**
 * Resolves the theme's tokens into colours a canvas understands (`light-dark()` and `color-mix()` are not
 * among them) by asking the browser what they compute to on `probe`, an element of the chart.
 */
export function readPalette(probe: HTMLElement): ChartPalette {
  const resolve = (colour: string): string => {
    probe.style.color = colour;
    return getComputedStyle(probe).color;
  };
  const ofSeries = (share: number): string[] =>
    Array.from({ length: PALETTE_SIZE }, (_, index) =>
      resolve(`color-mix(in oklab, var(--series-${index + 1}) ${share}%, transparent)`),
    );
  const palette = {
    series: ofSeries(100),
    band: ofSeries(20),
    area: ofSeries(8),
    grid: resolve("var(--line)"),
    label: resolve("var(--faint)"),
    cursor: resolve("var(--faint)"),
    limit: resolve("var(--alarm)"),
    span: resolve("color-mix(in oklab, var(--alarm) 16%, transparent)"),
    font: `11px ${getComputedStyle(probe).fontFamily}`,
  };
  probe.style.color = "";
  return palette;
}

/** Calls `onChange` whenever the colours may have changed: a chosen theme or the system's. */
export function watchTheme(onChange: () => void): () => void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", onChange);
  const observer = new MutationObserver(onChange);
  observer.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return () => {
    system.removeEventListener("change", onChange);
    observer.disconnect();
  };
}
