import { engineTexts } from "../shared/engine-texts.ts";
import { FaultLog } from "./fault-log.tsx";
import { RushForm } from "./rush/rush-form.tsx";
import { SectionHeading } from "./section-heading.tsx";
import type { FaultsView } from "./use-faults.ts";

const words = engineTexts.faults;

/** Buttons that break the shop of a developer's machine, and the list of what they have done. */
export function FaultsSection({
  view,
  onChoose,
}: {
  readonly view: FaultsView;
  readonly onChoose: (id: string) => void;
}) {
  const { faults, failure, isBusy, cause } = view;
  return (
    <section aria-labelledby="faults">
      <SectionHeading id="faults" title={words.title} hint={words.hint} />
      <div role="alert">{failure && <p class="notice bad">{failure.detail}</p>}</div>
      {faults && (
        <div class="fault-columns">
          <div class="fault-groups">
            <Deliveries view={view} />
            <Relays view={view} />
            <Processes view={view} />
            <fieldset>
              <legend>{words.dynamodb}</legend>
              <div class="actions">
                {[2, 10].map((seconds) => (
                  <FaultButton
                    key={seconds}
                    isBusy={isBusy}
                    onPress={() => cause("dynamodb", { stall_seconds: seconds })}
                  >
                    {words.stall(seconds)}
                  </FaultButton>
                ))}
              </div>
              <p class="hint">{faults.stalled_until === null ? words.dynamodbHint : words.stalled}</p>
            </fieldset>
            <RushForm view={view} />
          </div>
          <FaultLog log={faults.log} onChoose={onChoose} />
        </div>
      )}
    </section>
  );
}

function Deliveries({ view: { faults, isBusy, cause } }: { readonly view: FaultsView }) {
  return (
    <>
      {(["message", "hint"] as const).map((on) => {
        const armed = faults?.armed.filter((each) => each.on === on) ?? [];
        return (
          <fieldset key={on}>
            <legend>{words.next[on]}</legend>
            <div class="actions">
              {(["duplicate", "delay", "drop"] as const).map((fault) => (
                <FaultButton
                  key={fault}
                  label={words.deliver(words[fault], words.nextOne[on])}
                  isBusy={isBusy}
                  onPress={() => cause("deliveries", { on, fault })}
                >
                  {words[fault]}
                </FaultButton>
              ))}
            </div>
            <p class="hint">
              {armed.length === 0
                ? words.deliveryHint[on]
                : words.armed(
                    armed.map(({ fault }) => words[fault]),
                    words.nextOne[on],
                  )}
            </p>
          </fieldset>
        );
      })}
    </>
  );
}

function Relays({ view: { faults, isBusy, cause } }: { readonly view: FaultsView }) {
  const relays = faults?.relays ?? [];
  const isStopped = relays.some(({ stopped }) => stopped);
  const running = relays.filter(({ pid }) => pid !== undefined).length;
  return (
    <fieldset>
      <legend>{words.relays}</legend>
      <div class="actions">
        <FaultButton isBusy={isBusy} onPress={() => cause("relays", { action: "kill" })}>
          {words.killRelays}
        </FaultButton>
        <FaultButton isBusy={isBusy} onPress={() => cause("relays", { action: isStopped ? "start" : "stop" })}>
          {isStopped ? words.startRelays : words.stopRelays}
        </FaultButton>
      </div>
      <p class={isStopped ? "hint wrong" : "hint"} role="status">
        {faults?.relays === null
          ? words.awsDown
          : isStopped
            ? words.relaysStopped
            : words.relaysRunning(running, relays.length)}
      </p>
    </fieldset>
  );
}

function Processes({ view: { faults, isBusy, cause } }: { readonly view: FaultsView }) {
  return (
    <fieldset>
      <legend>{words.processes}</legend>
      <div class="actions">
        {(faults?.processes ?? []).map(({ name, up }) => (
          <FaultButton key={name} isBusy={isBusy || !up} onPress={() => cause("processes", { name })}>
            {up ? words.kill(name) : words.starting(name)}
          </FaultButton>
        ))}
      </div>
      <p class="hint">{words.processesHint}</p>
    </fieldset>
  );
}

interface FaultButtonProps {
  readonly children: string;
  /** Where the text alone would not say enough. */
  readonly label?: string;
  readonly isBusy: boolean;
  readonly onPress: () => void;
}

function FaultButton({ children, label, isBusy, onPress }: FaultButtonProps) {
  return (
    <button
      type="button"
      class="button small"
      aria-label={label}
      aria-disabled={isBusy}
      onClick={() => !isBusy && onPress()}
    >
      {children}
    </button>
  );
}
