import { BrowserFixture } from "./browser-fixture.ts";

/** A program of its own that opens a browser and waits to be killed; it prints whose browser it is, and where its profile lies. */
const browser = await BrowserFixture.open({ hosts: ["example.com"] });
console.log(JSON.stringify({ uids: browser.uids, folder: browser.folder }));
setInterval(() => undefined, 60_000);
