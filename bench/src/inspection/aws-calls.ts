import type { Inspector } from "./inspector.ts";

/** Calls since the count began, and the keys that its reads named, by operation: `BatchGetItem`, `ReceiveMessage`. */
export type AwsCalls = Readonly<Record<string, { readonly calls: number; readonly keys: number }>>;

/** Starts to count the process's AWS calls from zero. The process needs no code for it. */
export async function countAwsCalls(inspector: Inspector): Promise<void> {
  await inspector.evaluate(`(${count})()`);
}

export function awsCalls(inspector: Inspector): Promise<AwsCalls> {
  return inspector.evaluate<AwsCalls>("globalThis.awsCalls");
}

/** Runs in the other process, so it must not refer to anything outside the function. */
function count(): void {
  const counted = globalThis as { awsCalls?: Record<string, { calls: number; keys: number }> };
  const isCounting = counted.awsCalls !== undefined;
  counted.awsCalls = {};
  if (isCounting) return;
  const { subscribe } = process.getBuiltinModule("node:diagnostics_channel");
  subscribe("http.client.request.created", (message) => {
    const { request } = message as { request: import("node:http").ClientRequest };
    const [, operation] = String(request.getHeader("x-amz-target") ?? "").split(".");
    if (operation === undefined) return;
    const end = request.end;
    request.end = ((...args: [unknown]) => {
      const keys = operation === "BatchGetItem" ? (String(args[0]).match(/"id":\{"S":/g)?.length ?? 0) : 0;
      const known = counted.awsCalls?.[operation] ?? { calls: 0, keys: 0 };
      if (counted.awsCalls) counted.awsCalls[operation] = { calls: known.calls + 1, keys: known.keys + keys };
      return end.apply(request, args as never);
    }) as typeof request.end;
  });
}
