import { useState } from "preact/hooks";
import { texts } from "../shared/texts.ts";
import { canNotify, requestNotification, wantsNotification } from "./notifications.ts";

/** Offers a notification for the moment when the coffee is ready. Browsers ask the customer, and only after a press. */
export function NotifyButton({ id }: { readonly id: string }) {
  const [isWanted, setIsWanted] = useState(() => wantsNotification(id));
  const [isDenied, setIsDenied] = useState(false);
  if (!canNotify()) return null;
  const ask = async () => {
    const isGranted = await requestNotification(id);
    setIsWanted(isGranted);
    setIsDenied(!isGranted);
  };
  return (
    <div class="notify" role="status">
      {isDenied && <p class="hint">{texts.status.noNotifications}</p>}
      {isWanted && <p class="hint">{texts.status.willNotify}</p>}
      {!isWanted && !isDenied && (
        <button type="button" class="button wide" onClick={ask}>
          {texts.status.notify}
        </button>
      )}
    </div>
  );
}
