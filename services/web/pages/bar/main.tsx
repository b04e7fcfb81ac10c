import { render } from "preact";
import { BarPage } from "./bar-page.tsx";

render(<BarPage />, document.getElementById("page") ?? document.body);
