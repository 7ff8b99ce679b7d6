const STORAGE_KEY = "binnacle.navigation";

/** Whether the reader left the navigation narrow in this browser. */
export function wasFolded(): boolean {
  try {
    return localStorage.getItem(STORAGE_KEY) === "folded";
  } catch {
    return false;
  }
}

/** Remembers the width of the navigation; with blocked storage it lasts as long as the page. */
export function keepFolded(isFolded: boolean): void {
  try {
    localStorage.setItem(STORAGE_KEY, isFolded ? "folded" : "wide");
  } catch {
    return;
  }
}
