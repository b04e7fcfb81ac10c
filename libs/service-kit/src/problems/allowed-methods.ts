import type { RequestHandler } from "express";
import { ProblemError } from "./problem.ts";

/** The parts of Express 5's router that are read here. It has no public way to list the routes that match a path. */
interface Layer {
  match(path: string): false | { readonly path: string };
  readonly route?: Route | undefined;
  readonly handle: { readonly stack?: readonly Layer[] };
}

interface Route {
  readonly methods: Readonly<Record<string, boolean>>;
  readonly stack: readonly { readonly handle: unknown }[];
}

/** Refuses HEAD where a GET changes something. `allowedMethods` does not count this route. */
export const refusesHead: RequestHandler = ({ app, path }) => {
  const Allow = allowedMethods(app.router, path).join(", ");
  throw new ProblemError(405, "This path does not take HEAD, because its GET changes something. Send GET.", {
    headers: { Allow },
  });
};

/** Returns the methods that routes take at this path, sorted; none if no route matches it. */
export function allowedMethods(router: unknown, path: string): string[] {
  const routes = hasStack(router) ? routesAt(router.stack, path) : [];
  const taking = routes.filter((route) => !isRefusal(route));
  const methods = new Set(taking.flatMap((route) => Object.keys(route.methods)).map((method) => method.toUpperCase()));
  // Express answers HEAD by the route for GET.
  if (methods.has("GET") && taking.length === routes.length) methods.add("HEAD");
  return [...methods].sort();
}

function routesAt(stack: readonly Layer[], path: string): Route[] {
  return stack.flatMap((layer) => {
    const match = layer.match(path);
    if (!match) return [];
    if (layer.route) return [layer.route];
    return layer.handle.stack ? routesAt(layer.handle.stack, path.slice(match.path.length) || "/") : [];
  });
}

const isRefusal = ({ stack }: Route): boolean => stack.some(({ handle }) => handle === refusesHead);

function hasStack(router: unknown): router is { readonly stack: readonly Layer[] } {
  return typeof router === "function" && "stack" in router && Array.isArray(router.stack);
}
