import { type TranslateConfig, toNativeValues, toWireValues } from "./native-values.ts";

/** What the plug needs of an SDK client; all of them have it. */
export interface PluggableClient {
  readonly config: object;
  readonly middlewareStack: {
    add(middleware: never, options: { step: "initialize"; name: string }): void;
  };
}

/** One call of an SDK client: which operation of which client, and what with. */
export interface PluggedCall {
  readonly client: string;
  readonly operation: string;
  readonly input: object;
  readonly signal: AbortSignal | undefined;
}

type Answering = (call: PluggedCall) => Promise<object>;

/** The part of the SDK's context that says what is being called. */
interface Context {
  readonly clientName?: string;
  readonly commandName?: string;
  readonly __smithy_context?: { readonly commandInstance?: Command };
}

interface Command {
  readonly middlewareStack?: { remove(name: string): boolean };
  /** A document client's command wraps the one that is sent. */
  readonly clientCommand?: Command;
}

/**
 * Takes over a real SDK client: its calls go no further than the first step of its middleware, before anything is
 * serialised, signed or sent. The client keeps its types, its commands and its document client on top; middleware that a
 * test adds with high priority still runs.
 */
export function plug<Client extends PluggableClient>(client: Client, answer: Answering): Client {
  catchSignals(client);
  const middleware =
    (_: unknown, { clientName = "", commandName = "", __smithy_context: smithy = {} }: Context) =>
    async ({ input }: { input: object }) => {
      const command = smithy.commandInstance ?? {};
      const native = isDocumentCommand(command);
      const { translateConfig = {} } = client.config as { translateConfig?: TranslateConfig };
      const output = await answer({
        client: clientName,
        operation: commandName.replace(/Command$/, ""),
        input: native ? toWireValues(input, translateConfig) : input,
        signal: signals.get(command),
      });
      return { response: {}, output: native ? toNativeValues(output, translateConfig) : output };
    };
  client.middlewareStack.add(middleware as never, { step: "initialize", name: "fakeAws" });
  return client;
}

const signals = new WeakMap<object, AbortSignal>();

/**
 * Middleware does not get to see the abort signal of a call, so it is caught where the call is made. A document client
 * has a `send` of its own.
 */
export function catchSignals(client: object): void {
  const { send } = client as { send: (...args: unknown[]) => unknown };
  const catching = (command: Command, options?: { abortSignal?: AbortSignal }, ...rest: unknown[]) => {
    const signal = options?.abortSignal;
    if (signal) signals.set(command.clientCommand ?? command, signal);
    return send.call(client, command, options, ...rest);
  };
  Object.defineProperty(client, "send", { value: catching });
}

/** A document client's command gives itself the step that translates its values, anew at each call; it is not needed here. */
function isDocumentCommand({ middlewareStack }: Command): boolean {
  return middlewareStack?.remove("DocumentMarshall") ?? false;
}
