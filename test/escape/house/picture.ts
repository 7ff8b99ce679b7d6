/** A colour that no page has by itself: red, green, blue. */
export const COLOUR = [13, 201, 37] as const;

/** A page that is all of it. */
export const PICTURE = `<!doctype html><html style="background: rgb(${COLOUR.join()})"></html>`;

/** Where a server that was granted shows it. */
export const PICTURE_PATH = "/picture";
