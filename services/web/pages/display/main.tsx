import { render } from "preact";
import { registerWorker } from "../shared/register-worker.ts";
import { DisplayPage } from "./display-page.tsx";

render(<DisplayPage />, document.getElementById("page") ?? document.body);
registerWorker();
