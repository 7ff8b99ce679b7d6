import { compose } from "./compose.ts";
import { BnApp } from "./shell/bn-app.ts";
import { ROUTES } from "./shell/routes.ts";

const app = document.querySelector("bn-app");
if (app instanceof BnApp) await app.start(compose(ROUTES));
