import type { Express } from "express";

/** The parts of Express 5's router that this file reads: the router has no public way to list its routes. */
interface Layer {
  readonly slash: boolean;
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> } | undefined;
  readonly handle: { readonly stack?: readonly Layer[] };
}

/** Every route of the app, as the OpenAPI document writes it: `post /claims/{order_id}/finish`. Sorted. */
export function routesOf(app: Express): string[] {
  const router: unknown = app.router;
  if (!hasStack(router)) throw new Error("This is no Express 5 router: see how its routes are to be read now.");
  return [...new Set(routesIn(router.stack))].sort();
}

function routesIn(stack: readonly Layer[]): string[] {
  return stack.flatMap(({ route, handle, slash }) => {
    if (route) {
      const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
      // HEAD is GET's, or refused.
      const methods = Object.keys(route.methods).filter((method) => method !== "head");
      return methods.map((method) => `${method} ${path}`);
    }
    if (handle.stack === undefined) return [];
    if (!slash) throw new Error("A router is mounted at a path: its routes cannot be told. Write whole paths instead.");
    return routesIn(handle.stack);
  });
}

function hasStack(router: unknown): router is { readonly stack: readonly Layer[] } {
  return typeof router === "function" && "stack" in router && Array.isArray(router.stack);
}
