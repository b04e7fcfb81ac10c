import type { Connection } from "./event-stream.ts";
import { texts } from "./texts.ts";

/** Says that the page waits for the shop. The element stays, so that a screen reader reads each change. */
export function ConnectionNotice({ connection }: { readonly connection: Connection }) {
  const lost = navigator.onLine ? texts.connection.lost : texts.connection.offline;
  const said = { connecting: texts.connection.connecting, open: "", lost }[connection];
  return (
    <div role="status" class="connection">
      {said !== "" && <p class="notice">{said}</p>}
    </div>
  );
}
