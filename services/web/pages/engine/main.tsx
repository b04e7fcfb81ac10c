import { render } from "preact";
import { registerWorker } from "../shared/register-worker.ts";
import { EnginePage } from "./engine-page.tsx";

render(<EnginePage />, document.getElementById("page") ?? document.body);
registerWorker();
