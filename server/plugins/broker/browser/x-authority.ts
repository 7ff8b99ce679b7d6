/** A number of two bytes, the higher first, stands before each of the four texts of an entry, and for its family. */
const NUMBER_BYTES = 2;
const TEXTS_OF_ENTRY = 4;
/** Family, then address, display, name, secret. */
const DISPLAY_TEXT = 1;

/**
 * The entries of an Xauthority file for one display, or for every one, as that file holds them (X.Org libXau, `XauReadAuth`).
 * What follows an entry that is cut off is left out.
 */
export function cookiesOf(file: Uint8Array, display: string): Uint8Array {
  const bytes = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const kept: Uint8Array[] = [];
  for (let start = 0; start + NUMBER_BYTES <= file.length; ) {
    let end = start + NUMBER_BYTES;
    let number = "";
    for (let text = 0; text < TEXTS_OF_ENTRY; text++) {
      if (end + NUMBER_BYTES > file.length) return Buffer.concat(kept);
      const from = end + NUMBER_BYTES;
      end = from + bytes.getUint16(end);
      if (text === DISPLAY_TEXT) number = new TextDecoder().decode(file.subarray(from, end));
    }
    if (end > file.length) break;
    if (number === "" || number === display) kept.push(file.subarray(start, end));
    start = end;
  }
  return Buffer.concat(kept);
}
