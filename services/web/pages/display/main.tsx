import { render } from "preact";
import { DisplayPage } from "./display-page.tsx";

render(<DisplayPage />, document.getElementById("page") ?? document.body);
