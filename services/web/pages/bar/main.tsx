import { render } from "preact";
import { registerWorker } from "../shared/register-worker.ts";
import { BarPage } from "./bar-page.tsx";
import { becomeOwnTab } from "./own-tab.ts";

await becomeOwnTab();
render(<BarPage />, document.getElementById("page") ?? document.body);
registerWorker();
