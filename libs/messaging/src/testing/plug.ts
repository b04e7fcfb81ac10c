import { type TranslateConfig, toNativeValues, toWireValues } from "./native-values.ts";
import { once } from "./once.ts";

/** What the plug needs of an SDK client; all of them have it. */
export interface PluggableClient {
  readonly config: object;
  readonly middlewareStack: {
    add(middleware: never, options: { step: "initialize"; name: string }): void;
  };
}

/** A client that others can be made like. */
interface Pattern extends PluggableClient {
  readonly middlewareStack: PluggableClient["middlewareStack"] & { clone(): PluggableClient["middlewareStack"] };
}

/** One call of an SDK client: which operation of which client, and what with. */
export interface PluggedCall {
  readonly client: string;
  readonly operation: string;
  readonly input: object;
  readonly signal: AbortSignal | undefined;
}

export type Answering = (call: PluggedCall) => Promise<object>;

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
  readonly config: TranslatingConfig;
  readonly answer: Answering;
  /** Whether somebody wants to see the calls on their way: then they go through the SDK. */
  middlewareAdded: boolean;
}

/** A document client leaves there what it was told about values. */
interface TranslatingConfig {
  readonly translateConfig?: TranslateConfig;
}

const signals = new WeakMap<object, AbortSignal>();

/**
 * Takes over a real SDK client: its calls go no further than the first step of its middleware, before anything is
 * serialised, signed or sent. The client keeps its types, its commands and its document client on top; middleware that a
 * test adds with high priority still runs.
 */
export function plug<Client extends PluggableClient>(client: Client, answer: Answering): Client {
  const plugged = { client: client.constructor.name, config: client.config, answer, middlewareAdded: false };
  takeOver(client.middlewareStack, plugged);
  shortenCalls(client, plugged);
  return client;
}

/**
 * Clients like those, plugged; the first is the one that the others are made of. They have a configuration of their own,
 * and a middleware stack, which is copied only for whoever wants to see it.
 */
export function pluggedLike<Patterns extends readonly [Pattern, ...Pattern[]]>(
  patterns: Patterns,
  answer: Answering,
): Patterns {
  const [first] = patterns;
  const config = Object.create(first.config);
  const plugged = { client: first.constructor.name, config, answer, middlewareAdded: false };
  const middlewareStack = once(() => takeOver(first.middlewareStack.clone(), plugged));
  const clients = patterns.map((pattern) => {
    const client = Object.create(pattern, { config: { value: config }, middlewareStack: { get: middlewareStack } });
    shortenCalls(client, plugged);
    return client;
  });
  return clients as unknown as Patterns;
}

function takeOver<Stack extends PluggableClient["middlewareStack"]>(stack: Stack, plugged: Plugged): Stack {
  const middleware =
    (_: unknown, { clientName = "", commandName = "", __smithy_context: smithy = {} }: Context) =>
    async ({ input }: { input: object }) => {
      const command = smithy.commandInstance;
      const signal = command && signals.get(command);
      const call = { client: clientName, operation: operationOf(commandName), signal, input };
      return { response: {}, output: await answerTo(call, plugged, isDocumentCommand(command)) };
    };
  stack.add(middleware as never, { step: "initialize", name: "fakeAws" });
  watch(stack, plugged);
  return stack;
}

/**
 * Answers the calls of a plugged client without preparing what the SDK would have run after the plug, which costs more
 * than all the rest of a call; unless middleware was added, which is then run.
 */
function shortenCalls(client: PluggableClient, plugged: Plugged): void {
  const { send } = client as unknown as { send: (...args: unknown[]) => unknown };
  const shortened = (command: Command, options: SendOptions | undefined, ...rest: unknown[]) => {
    if (!plugged.middlewareAdded && typeof options !== "function" && rest.length === 0) {
      return answerAtOnce(plugged, command, options?.abortSignal);
    }
    if (options?.abortSignal) signals.set(command.clientCommand ?? command, options.abortSignal);
    return send.call(client, command, options, ...rest);
  };
  Object.defineProperty(client, "send", { value: shortened });
}

async function answerAtOnce(plugged: Plugged, command: Command, signal: AbortSignal | undefined): Promise<object> {
  const { input, clientCommand } = command;
  const operation = operationOf((clientCommand ?? command).constructor.name);
  return answerTo({ client: plugged.client, operation, input, signal }, plugged, clientCommand !== undefined);
}

function answerTo(call: PluggedCall, plugged: Plugged, ofDocuments: boolean): Promise<object> {
  return ofDocuments ? inNativeValues(call, plugged) : plugged.answer(call);
}

async function inNativeValues(call: PluggedCall, { answer, config }: Plugged): Promise<object> {
  const { translateConfig = {} } = config;
  return toNativeValues(await answer({ ...call, input: toWireValues(call.input, translateConfig) }), translateConfig);
}

function watch(client: PluggableClient["middlewareStack"], plugged: Plugged): void {
  const stack = client as unknown as Record<"add" | "addRelativeTo", (...args: unknown[]) => void>;
  for (const method of ["add", "addRelativeTo"] as const) {
    const add = stack[method];
    stack[method] = (...args) => {
      plugged.middlewareAdded = true;
      add(...args);
    };
  }
}

function operationOf(commandName: string): string {
  return commandName.replace(/Command$/, "");
}

/** A document client's command gives itself the step that translates its values, anew at each call; it is not needed here. */
function isDocumentCommand(command: Command | undefined): boolean {
  return command?.middlewareStack?.remove("DocumentMarshall") ?? false;
}
