import { render } from "preact";
import { registerWorker } from "../shared/register-worker.ts";
import { OrderPage } from "./order-page.tsx";

render(<OrderPage />, document.getElementById("page") ?? document.body);
registerWorker();
