import { type TranslateConfig, toNativeValues, toWireValues } from "./native-values.ts";
import { once } from "./once.ts";

/** The parts of an SDK client that `attach` uses; every client has them. */
export interface AttachableClient {
  readonly config: object;
  readonly middlewareStack: {
    add(middleware: never, options: { step: "initialize"; name: string }): void;
  };
}

/** A client that others are copied from. */
interface Pattern extends AttachableClient {
  readonly middlewareStack: AttachableClient["middlewareStack"] & { clone(): AttachableClient["middlewareStack"] };
}

/** One call of an SDK client: its client, operation and input. */
export interface AttachedCall {
  readonly client: string;
  readonly operation: string;
  readonly input: object;
  readonly signal: AbortSignal | undefined;
}

export type Answering = (call: AttachedCall) => Promise<object>;

/** The part of the SDK's context that identifies the call. */
interface Context {
  readonly clientName?: string;
  readonly commandName?: string;
  readonly __smithy_context?: { readonly commandInstance?: Command };
}

interface Command {
  readonly input: object;
  readonly middlewareStack?: { remove(name: string): boolean };
  /** A document client's command wraps the command that is sent. */
  readonly clientCommand?: Command;
}

interface SendOptions {
  readonly abortSignal?: AbortSignal;
}

interface Attached {
  readonly client: string;
  readonly config: TranslatingConfig;
  readonly answer: Answering;
  /** Whether a test has added middleware. Then the calls go through the SDK. */
  hasMiddleware: boolean;
}

/** A document client keeps its options about values there. */
interface TranslatingConfig {
  readonly translateConfig?: TranslateConfig;
}

const signals = new WeakMap<object, AbortSignal>();

/**
 * Redirects a real SDK client to a fake. Its calls end in the first step of its middleware, before serialisation, signature
 * and network. The client keeps its types, commands and document client, and middleware with high priority still runs.
 */
export function attach<Client extends AttachableClient>(client: Client, answer: Answering): Client {
  const attached = { client: client.constructor.name, config: client.config, answer, hasMiddleware: false };
  takeOver(client.middlewareStack, attached);
  shortenCalls(client, attached);
  return client;
}

/**
 * Copies clients and redirects the copies; the others are based on the first one. The copies have a configuration of their own
 * and a middleware stack, which is copied on first use.
 */
export function attachedLike<Patterns extends readonly [Pattern, ...Pattern[]]>(
  patterns: Patterns,
  answer: Answering,
): Patterns {
  const [first] = patterns;
  const config = Object.create(first.config);
  const attached = { client: first.constructor.name, config, answer, hasMiddleware: false };
  const middlewareStack = once(() => takeOver(first.middlewareStack.clone(), attached));
  const clients = patterns.map((pattern) => {
    const client = Object.create(pattern, { config: { value: config }, middlewareStack: { get: middlewareStack } });
    shortenCalls(client, attached);
    return client;
  });
  return clients as unknown as Patterns;
}

function takeOver<Stack extends AttachableClient["middlewareStack"]>(stack: Stack, attached: Attached): Stack {
  const middleware =
    (_: unknown, { clientName = "", commandName = "", __smithy_context: smithy = {} }: Context) =>
    async ({ input }: { input: object }) => {
      const command = smithy.commandInstance;
      const signal = command && signals.get(command);
      const call = { client: clientName, operation: operationOf(commandName), signal, input };
      return { response: {}, output: await answerTo(call, attached, isDocumentCommand(command)) };
    };
  stack.add(middleware as never, { step: "initialize", name: "fakeAws" });
  watch(stack, attached);
  return stack;
}

/**
 * Answers the calls of a redirected client without setting up the SDK's later steps, which would cost more than the rest of
 * the call. With added middleware, the call runs through the SDK.
 */
function shortenCalls(client: AttachableClient, attached: Attached): void {
  const { send } = client as unknown as { send: (...args: unknown[]) => unknown };
  const shortened = (command: Command, options: SendOptions | undefined, ...rest: unknown[]) => {
    if (!attached.hasMiddleware && typeof options !== "function" && rest.length === 0) {
      return answerAtOnce(attached, command, options?.abortSignal);
    }
    if (options?.abortSignal) signals.set(command.clientCommand ?? command, options.abortSignal);
    return send.call(client, command, options, ...rest);
  };
  Object.defineProperty(client, "send", { value: shortened });
}

async function answerAtOnce(attached: Attached, command: Command, signal: AbortSignal | undefined): Promise<object> {
  const { input, clientCommand } = command;
  const operation = operationOf((clientCommand ?? command).constructor.name);
  return answerTo({ client: attached.client, operation, input, signal }, attached, clientCommand !== undefined);
}

function answerTo(call: AttachedCall, attached: Attached, ofDocuments: boolean): Promise<object> {
  return ofDocuments ? inNativeValues(call, attached) : attached.answer(call);
}

async function inNativeValues(call: AttachedCall, { answer, config }: Attached): Promise<object> {
  const { translateConfig = {} } = config;
  return toNativeValues(await answer({ ...call, input: toWireValues(call.input, translateConfig) }), translateConfig);
}

function watch(client: AttachableClient["middlewareStack"], attached: Attached): void {
  const stack = client as unknown as Record<"add" | "addRelativeTo", (...args: unknown[]) => void>;
  for (const method of ["add", "addRelativeTo"] as const) {
    const add = stack[method];
    stack[method] = (...args) => {
      attached.hasMiddleware = true;
      add(...args);
    };
  }
}

function operationOf(commandName: string): string {
  return commandName.replace(/Command$/, "");
}

/** A document client's command adds a step for translating values at each call. The fake does not need it. */
function isDocumentCommand(command: Command | undefined): boolean {
  return command?.middlewareStack?.remove("DocumentMarshall") ?? false;
}
