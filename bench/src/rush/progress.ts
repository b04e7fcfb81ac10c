import cliProgress from "cli-progress";
import type { Scoreboard } from "./results/scoreboard.ts";

export interface Progress {
  show(counts: Scoreboard["progress"]): void;
  end(): void;
}

/** Shows progress bars on a terminal. Elsewhere, such as in a CI log, it prints a line at each tenth. */
export function progressOf(customers: number, out: NodeJS.WriteStream): Progress {
  return out.isTTY ? bars(customers, out) : lines(customers, out);
}

function bars(customers: number, out: NodeJS.WriteStream): Progress {
  const multi = new cliProgress.MultiBar(
    { format: " {name} {bar} {value}/{total}", stream: out, hideCursor: true, gracefulExit: false },
    cliProgress.Presets.shades_classic,
  );
  const bar = (name: string) => multi.create(customers, 0, { name: name.padEnd(6) });
  const [taken, brewed, served] = [bar("taken"), bar("brewed"), bar("served")];
  return {
    show(counts) {
      taken.update(counts.taken);
      brewed.update(counts.brewed);
      served.update(counts.served);
    },
    end: () => multi.stop(),
  };
}

function lines(customers: number, out: NodeJS.WriteStream): Progress {
  let shown = -1;
  return {
    show({ taken, brewed, served, errors }) {
      const tenth = Math.floor((10 * (served + errors)) / customers);
      if (tenth === shown) return;
      shown = tenth;
      out.write(
        `taken ${taken}, brewed ${brewed}, served ${served} of ${customers}${errors > 0 ? `, ${errors} errors` : ""}\n`,
      );
    },
    end: () => undefined,
  };
}
