import { useState } from "preact/hooks";
import { AccountPanel } from "../account/account-panel.tsx";
import { useAccount } from "../account/use-account.ts";
import { texts } from "../shared/texts.ts";
import { OrderForm } from "./order-form.tsx";
import { OrderHistory } from "./order-history.tsx";
import { OrderStatus } from "./order-status.tsx";
import { SendingView } from "./sending/sending-view.tsx";
import { UnconfirmedOrder } from "./sending/unconfirmed-order.tsx";
import { useOrderScreens } from "./use-order-screens.ts";

/** `index.html` begins with the same brand, so that the first paint waits for no script; rendering takes its element over. */
export function OrderPage() {
  const { view, past, isKept, actions } = useOrderScreens();
  const [showsAccount, setShowsAccount] = useState(false);
  const account = useAccount(showsAccount);
  return (
    <>
      <header class="top">
        <p class="brand">{texts.shop}</p>
        <button
          type="button"
          class="button quiet"
          aria-expanded={showsAccount}
          aria-controls="account"
          onClick={() => setShowsAccount(!showsAccount)}
        >
          {showsAccount
            ? texts.account.close
            : account.session === undefined
              ? texts.account.signIn
              : texts.account.open}
        </button>
      </header>
      <main>
        <div id="account">{showsAccount && <AccountPanel account={account} />}</div>
        {!isKept && <p class="notice">{texts.order.notKept}</p>}
        {view.screen === "form" && (
          <OrderForm
            refusedRequest={view.refusedRequest}
            refused={view.refused}
            account={account}
            onOrder={actions.order}
          />
        )}
        {view.screen === "sending" && (
          <SendingView
            key={view.pending.key}
            pending={view.pending}
            onDecided={actions.decided}
            onLeave={actions.leave}
          />
        )}
        {view.screen === "unconfirmed" && (
          <UnconfirmedOrder
            pending={view.pending}
            onSendAgain={actions.sendAgain}
            onOrderAgain={actions.orderAgain}
            onLeave={actions.leave}
          />
        )}
        {view.screen === "order" && (
          <OrderStatus
            key={`${view.id} ${account.session?.token}`}
            id={view.id}
            onLeave={actions.leave}
            onNotShown={(status) => actions.notShown(view.id, status)}
            onChanged={(order) => {
              actions.changed(order);
              account.reload();
            }}
          />
        )}
        <OrderHistory past={past} onClear={actions.clearHistory} onOpen={actions.open} />
      </main>
    </>
  );
}
