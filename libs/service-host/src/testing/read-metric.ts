/** The value in the line of `/metrics` that begins with this name and these labels. */
export async function readMetric(url: string, name: string): Promise<number | undefined> {
  const lines = (await (await fetch(`${url}/metrics`)).text()).split("\n");
  const line = lines.find((each) => each.startsWith(`${name} `));
  return line === undefined ? undefined : Number(line.slice(name.length));
}
