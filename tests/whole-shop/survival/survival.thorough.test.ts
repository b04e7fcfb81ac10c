import { isPerfect } from "@doubleshot/bench/rush/results/scoreboard";
import { rushHour } from "@doubleshot/bench/rush/rush-hour";
import { expect, test } from "vitest";
import { type AuditReport, audit } from "./audit.ts";
import { useStartedShop } from "./started-shop.fixture.ts";

// kill -9 of every part of the shop during a rush: the customers lose connections, and no coffee.

const customers = 60;
const shop = useStartedShop();

const killings: (() => void | Promise<void>)[] = [
  () => shop().kill("orders"),
  () => shop().kill("barista"),
  () => shop().kill("the embedded AWS"),
  () => shop().kill("dynoxide"),
  () => shop().killSupervisor(),
];

const soundReport: AuditReport = {
  orders: customers,
  notOneOrder: [],
  notCompleted: [],
  notFinished: [],
  ticketsWithoutOrder: [],
  notPlacedOnce: [],
  notFinishedOnce: [],
  undelivered: [],
  fromNowhere: [],
};

test.runIf(process.platform === "linux")(
  "kill -9 of each part in turn, and of the supervisor: every customer gets their own order once, and the tables are sound",
  async () => {
    const done: Promise<void>[] = [];
    // The shop makes progress after one kill before the next.
    const killInTurn = ({ brewed }: { brewed: number }) => {
      const killing = killings[done.length];
      const due = ((done.length + 0.5) * customers) / (killings.length + 1);
      if (killing && brewed >= due) done.push(Promise.resolve().then(killing));
    };
    const result = await rushHour(
      { customers, baristas: 6, speed: 150, seed: 1 },
      { orders: [shop().orders], barista: [shop().barista] },
      killInTurn,
      new AbortController().signal,
    );
    await Promise.all(done);
    expect(done).toHaveLength(killings.length);
    expect(isPerfect(result), JSON.stringify(result, undefined, 2)).toBe(true);
    expect(shop().output).toContain("orders was killed by SIGKILL: starting it again");
    // Callers have their 200 before the last event (a brew began) is handled, so the tables may need a moment.
    await expect.poll(() => audit(shop().clients, "doubleshot", result.names), { interval: 200 }).toEqual(soundReport);
    expect(await shop().close(), shop().output).toBe(0);
  },
);
