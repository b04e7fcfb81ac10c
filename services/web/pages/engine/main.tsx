import { render } from "preact";
import { EnginePage } from "./engine-page.tsx";

render(<EnginePage />, document.getElementById("page") ?? document.body);
