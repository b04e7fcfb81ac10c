import { useEffect, useState } from "preact/hooks";
import type { Connection } from "./events/event-stream.ts";
import { texts } from "./texts.ts";
import { useOnline } from "./use-online.ts";

/** A page that is seen again connects within this time, mostly, and a notice would only make its contents jump. */
const quietMs = 500;

/** Says that the page waits for the shop. The element stays, so that a screen reader reads each change. */
export function ConnectionNotice({ connection }: { readonly connection: Connection }) {
  const isOnline = useOnline();
  const isSlow = useIsSlow(connection === "connecting");
  const lost = isOnline ? texts.connection.lost : texts.connection.offline;
  const message = {
    connecting: isSlow ? texts.connection.connecting : "",
    open: isOnline ? "" : lost,
    lost,
  }[connection];
  return (
    <div role="status" class="connection">
      {message !== "" && <p class={connection === "connecting" ? "notice calm" : "notice"}>{message}</p>}
    </div>
  );
}

function useIsSlow(isConnecting: boolean): boolean {
  const [isSlow, setSlow] = useState(false);
  useEffect(() => {
    if (!isConnecting) return;
    const timer = setTimeout(() => setSlow(true), quietMs);
    return () => {
      clearTimeout(timer);
      setSlow(false);
    };
  }, [isConnecting]);
  return isSlow;
}
