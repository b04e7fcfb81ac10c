import type { RequestHandler } from "express";
import { Problem } from "./problem.ts";

/** What Express 5's router is made of, as far as we look into it: it has no public way to ask which routes match. */
interface Layer {
  match(path: string): false | { readonly path: string };
  readonly route?: Route | undefined;
  readonly handle: { readonly stack?: readonly Layer[] };
}

interface Route {
  readonly methods: Readonly<Record<string, boolean>>;
  readonly stack: readonly { readonly handle: unknown }[];
}

/** Refuses HEAD where a GET changes something; a route that does so takes nothing. */
export const refusesHead: RequestHandler = ({ app, path }) => {
  const Allow = allowedMethods(app.router, path).join(", ");
  throw new Problem(405, "This takes GET: there is no use in it without the body.", { headers: { Allow } });
};

/** The methods that some route takes at this path, sorted; none when no route matches it. */
export function allowedMethods(router: unknown, path: string): string[] {
  const routes = hasStack(router) ? routesAt(router.stack, path) : [];
  const taking = routes.filter((route) => !isRefusal(route));
  const methods = new Set(taking.flatMap((route) => Object.keys(route.methods)).map((method) => method.toUpperCase()));
  // Express answers HEAD from GET's route.
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
