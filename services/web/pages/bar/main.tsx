import { render } from "preact";
import { registerWorker } from "../shared/register-worker.ts";
import { BarPage } from "./bar-page.tsx";

render(<BarPage />, document.getElementById("page") ?? document.body);
registerWorker();
