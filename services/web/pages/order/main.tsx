import { render } from "preact";
import { OrderPage } from "./order-page.tsx";

render(<OrderPage />, document.getElementById("page") ?? document.body);
