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
  readonly input: object;
  readonly middlewareStack?: { remove(name: string): boolean };
  /** A document client's command wraps the one that is sent. */
  readonly clientCommand?: Command;
}

interface SendOptions {
  readonly abortSignal?: AbortSignal;
}

interface Plugged {
  readonly client: string;
  readonly answer: Answering;
  /** Whether somebody wants to see the calls on their way: then they go through the SDK. */
  middlewareAdded: boolean;
}

const pluggedStacks = new WeakMap<PluggableClient["middlewareStack"], Plugged>();
const signals = new WeakMap<object, AbortSignal>();

/**
 * Takes over a real SDK client: its calls go no further than the first step of its middleware, before anything is
 * serialised, signed or sent. The client keeps its types, its commands and its document client on top; middleware that a
 * test adds with high priority still runs.
 */
export function plug<Client extends PluggableClient>(client: Client, answer: Answering): Client {
  const middleware =
    (_: unknown, { clientName = "", commandName = "", __smithy_context: smithy = {} }: Context) =>
    async ({ input }: { input: object }) => {
      const command = smithy.commandInstance;
      const call = { client: clientName, operation: operationOf(commandName), signal: command && signals.get(command) };
      if (!isDocumentCommand(command)) return { response: {}, output: await answer({ ...call, input }) };
      return { response: {}, output: await inNativeValues(client, answer, { ...call, input }) };
    };
  client.middlewareStack.add(middleware as never, { step: "initialize", name: "fakeAws" });
  watch(client, answer);
  shortenCalls(client);
  return client;
}

/**
 * Answers the calls of a plugged client, or of a document client on top of one, without preparing what the SDK would have
 * run after the plug, which costs more than all the rest of a call; unless middleware was added, which is then run.
 */
export function shortenCalls(client: PluggableClient): void {
  const { send } = client as unknown as { send: (...args: unknown[]) => unknown };
  const shortened = (command: Command, options: SendOptions | undefined, ...rest: unknown[]) => {
    const plugged = pluggedStacks.get(client.middlewareStack);
    if (plugged && !plugged.middlewareAdded && typeof options !== "function" && rest.length === 0) {
      return answerAtOnce(plugged, client, command, options?.abortSignal);
    }
    if (options?.abortSignal) signals.set(command.clientCommand ?? command, options.abortSignal);
    return send.call(client, command, options, ...rest);
  };
  Object.defineProperty(client, "send", { value: shortened });
}

async function answerAtOnce(
  { client: name, answer }: Plugged,
  client: PluggableClient,
  command: Command,
  signal: AbortSignal | undefined,
): Promise<object> {
  const { input, clientCommand } = command;
  const operation = operationOf((clientCommand ?? command).constructor.name);
  const call = { client: name, operation, input, signal };
  return clientCommand === undefined ? answer(call) : inNativeValues(client, answer, call);
}

async function inNativeValues(client: PluggableClient, answer: Answering, call: PluggedCall): Promise<object> {
  const { translateConfig = {} } = client.config as { translateConfig?: TranslateConfig };
  return toNativeValues(await answer({ ...call, input: toWireValues(call.input, translateConfig) }), translateConfig);
}

function watch(client: PluggableClient, answer: Answering): void {
  const plugged: Plugged = { client: client.constructor.name, answer, middlewareAdded: false };
  const stack = client.middlewareStack as unknown as Record<"add" | "addRelativeTo", (...args: unknown[]) => void>;
  for (const method of ["add", "addRelativeTo"] as const) {
    const add = stack[method];
    stack[method] = (...args) => {
      plugged.middlewareAdded = true;
      add(...args);
    };
  }
  pluggedStacks.set(client.middlewareStack, plugged);
}

function operationOf(commandName: string): string {
  return commandName.replace(/Command$/, "");
}

/** A document client's command gives itself the step that translates its values, anew at each call; it is not needed here. */
function isDocumentCommand(command: Command | undefined): boolean {
  return command?.middlewareStack?.remove("DocumentMarshall") ?? false;
}
