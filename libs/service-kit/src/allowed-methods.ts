/** What Express 5's router is made of, as far as we look into it: it has no public way to ask which routes match. */
interface Layer {
  match(path: string): false | { readonly path: string };
  readonly route?: { readonly methods: Readonly<Record<string, boolean>> } | undefined;
  readonly handle: { readonly stack?: readonly Layer[] };
}

/** The methods that some route takes at this path, sorted; none when no route matches it. */
export function allowedMethods(router: unknown, path: string): string[] {
  const methods = new Set(hasStack(router) ? methodsAt(router.stack, path) : []);
  // Express answers HEAD from GET's route.
  if (methods.has("GET")) methods.add("HEAD");
  return [...methods].sort();
}

function methodsAt(stack: readonly Layer[], path: string): string[] {
  return stack.flatMap((layer) => {
    const match = layer.match(path);
    if (!match) return [];
    if (layer.route) return Object.keys(layer.route.methods).map((method) => method.toUpperCase());
    return layer.handle.stack ? methodsAt(layer.handle.stack, path.slice(match.path.length) || "/") : [];
  });
}

function hasStack(router: unknown): router is { readonly stack: readonly Layer[] } {
  return typeof router === "function" && "stack" in router && Array.isArray(router.stack);
}
