import { useRef } from "preact/hooks";
import { engineTexts } from "../shared/engine-texts.ts";

interface ConfirmButtonProps {
  readonly children: string;
  /** Asked before it acts. */
  readonly question: string;
  readonly isBusy?: boolean;
  readonly onConfirm: () => void;
}

/** A button that asks before it acts. Escape is a no. */
export function ConfirmButton({ children, question, isBusy = false, onConfirm }: ConfirmButtonProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const answer = (isYes: boolean) => () => {
    dialog.current?.close();
    if (isYes) onConfirm();
  };
  const open = () => {
    if (!isBusy) dialog.current?.showModal();
  };
  return (
    <>
      <button type="button" class="button small" aria-disabled={isBusy} onClick={open}>
        {children}
      </button>
      <dialog ref={dialog} class="card confirm" aria-label={children}>
        <p>{question}</p>
        <div class="actions">
          <button type="button" class="button main" onClick={answer(true)}>
            {children}
          </button>
          <button type="button" class="button" onClick={answer(false)}>
            {engineTexts.cancel}
          </button>
        </div>
      </dialog>
    </>
  );
}
