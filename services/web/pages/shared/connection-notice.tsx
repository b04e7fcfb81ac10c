import type { Connection } from "./event-stream.ts";
import { texts } from "./texts.ts";
import { useOnline } from "./use-online.ts";

/** Says that the page waits for the shop. The element stays, so that a screen reader reads each change. */
export function ConnectionNotice({ connection }: { readonly connection: Connection }) {
  const isOnline = useOnline();
  const lost = isOnline ? texts.connection.lost : texts.connection.offline;
  const said = { connecting: texts.connection.connecting, open: isOnline ? "" : lost, lost }[connection];
  return (
    <div role="status" class="connection">
      {said !== "" && <p class={connection === "connecting" ? "notice calm" : "notice"}>{said}</p>}
    </div>
  );
}
