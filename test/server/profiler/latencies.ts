/** Mulberry32: the same numbers at every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Milliseconds as servers take them: most from a cache, many log-normal, some waiting on a disk, few in time-outs. */
export function realShapedLatencies(count: number, seed = 7): Float64Array {
  const random = seeded(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const one = (): number => {
    const share = random();
    if (share < 0.55) return 0.08 * Math.exp(0.3 * normal());
    if (share < 0.93) return 4 * Math.exp(0.8 * normal());
    if (share < 0.995) return 60 / (1 - random()) ** 0.6;
    return 30_000 + random() * 5;
  };
  return Float64Array.from({ length: count }, one);
}
