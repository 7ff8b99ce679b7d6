import { eachLine, readNumbers } from "./fields.ts";

/** Microseconds stalled since boot. `full` is absent where the kernel does not count it. */
export interface PressureReading {
  readonly someMicroseconds: number | undefined;
  readonly fullMicroseconds: number | undefined;
}

/** Reads one file of /proc/pressure (Documentation/accounting/psi.rst): the running totals, from which a stall share over any interval follows. */
export function parsePressure(text: string): PressureReading {
  let someMicroseconds: number | undefined;
  let fullMicroseconds: number | undefined;
  const one = new Float64Array(1);
  eachLine(text, (start, end) => {
    const total = text.indexOf(" total=", start);
    if (total === -1 || total > end || readNumbers(text, total + 7, one) !== 1) return;
    if (text.startsWith("some ", start)) someMicroseconds = one[0];
    else if (text.startsWith("full ", start)) fullMicroseconds = one[0];
  });
  return { someMicroseconds, fullMicroseconds };
}
