import { setTimeout as delay } from "node:timers/promises";
import type { Registry } from "@doubleshot/service-kit";
import { Counter, Gauge, Histogram } from "prom-client";
import type { Bar } from "./bar.ts";
import type { Board } from "./board/board.ts";
import { wholeLane } from "./board/board-reading.ts";
import type { ClaimTicket } from "./claims/claim-ticket.ts";
import type { Ticket } from "./ticket/ticket.ts";
import type { TicketChange, TicketChanges } from "./ticket/ticket-changes.ts";
import type { TicketStore } from "./ticket/ticket-store.ts";

/** A scrape reads the whole line; more than one in this time, by several scrapers, is answered from the last reading. */
const readingKeptMilliseconds = 5_000;

/** Milliseconds. Prometheus gives a scrape 10 s. */
const readWithin = 3_000;

/** From a coffee at once to a line around the block. */
const seconds = [0.1, 0.5, 1, 5, 15, 30, 60, 120, 300, 600, 1_800];

export interface BarMetricsParts {
  readonly store: TicketStore;
  readonly bar: Bar;
  readonly changes: TicketChanges;
  readonly claims: ClaimTicket;
  readonly board: Board;
}

/**
 * What an operator asks a bar: how long is the line, how old is its oldest ticket, how long do customers and baristas
 * take, does anybody lose tickets. The line is the bar's, the same at every instance; all else is counted where it happens.
 */
export function measureBar(registry: Registry, { store, bar, changes, claims, board }: BarMetricsParts): void {
  const registers = [registry];
  const line = readSeldom(() => readLine(store, bar));

  new Gauge({
    name: "barista_tickets",
    help: "Tickets at the bar now, by status. The same at every instance: take the maximum, not the sum.",
    labelNames: ["status"],
    registers,
    async collect() {
      const open = await line();
      this.reset();
      if (open === undefined) return;
      this.set({ status: "QUEUED" }, open.queued.length);
      this.set({ status: "STARTED" }, open.started.length);
    },
  });
  new Gauge({
    name: "barista_oldest_ticket_age_seconds",
    help: "How long the oldest ticket in the line has been there; 0 when there is none. The same at every instance.",
    registers,
    async collect() {
      const open = await line();
      this.remove();
      if (open === undefined) return;
      const { queued } = open;
      const oldest = Math.min(...queued.map((ticket) => Date.parse(ticket.queuedAt)));
      this.set(queued.length === 0 ? 0 : Math.max(0, (bar.now().getTime() - oldest) / 1000));
    },
  });
  new Gauge({
    name: "barista_waiting_baristas",
    help: "Baristas who wait at this instance for a ticket.",
    registers,
    collect() {
      this.set(claims.waiting);
    },
  });
  new Gauge({
    name: "barista_board_onlookers",
    help: "Open event streams of this instance.",
    registers,
    collect() {
      this.set(board.viewers);
    },
  });
  new Counter({
    name: "barista_claims_lost_total",
    help: "Claims of this instance that another one was quicker to commit.",
    registers,
    collect() {
      this.reset();
      this.inc(claims.lost);
    },
  });
  countChanges(registry, changes, bar);
}

function countChanges(registry: Registry, changes: TicketChanges, bar: Bar): void {
  const registers = [registry];
  const changeCounter = new Counter({
    name: "barista_ticket_changes_total",
    help: "Ticket changes committed by this instance: queued, claimed, extended (heartbeats), finished, lapsed, released, voided, cancel-refused.",
    labelNames: ["what"],
    registers,
  });
  const outcomes = ["queued", "claimed", "extended", "finished", "lapsed", "released", "voided", "cancel-refused"];
  for (const what of outcomes) changeCounter.inc({ what }, 0);
  const waited = new Histogram({
    name: "barista_ticket_wait_seconds",
    help: "From the line to a barista's hands; of a ticket that came back, from its first day in the line.",
    buckets: seconds,
    registers,
  });
  const brewed = new Histogram({
    name: "barista_brew_seconds",
    help: "From a barista's hands to finished.",
    buckets: seconds,
    registers,
  });
  const since = (instant: string) => Math.max(0, (bar.now().getTime() - Date.parse(instant)) / 1000);
  changes.onChange(({ outcome, ticket }: TicketChange) => {
    changeCounter.inc({ what: outcome });
    if (outcome === "claimed" && ticket.status === "STARTED") waited.observe(since(ticket.queuedAt));
    if (outcome === "finished" && ticket.status === "FINISHED") brewed.observe(since(ticket.startedAt));
  });
}

type Open<Status> = Extract<Ticket, { status: Status }>;

async function readLine(store: TicketStore, bar: Bar) {
  const [queued, started] = await Promise.all([
    wholeLane((cut) => store.waiting(bar.name, cut)),
    wholeLane((cut) => store.leased(bar.name, cut)),
  ]);
  return {
    queued: queued.filter((ticket): ticket is Open<"QUEUED"> => ticket.status === "QUEUED"),
    started: started.filter((ticket): ticket is Open<"STARTED"> => ticket.status === "STARTED"),
  };
}

/**
 * The last reading, or a new one if that is too old; at most one at a time. Undefined while the table cannot be read, or
 * not in time for the scraper: all else there is to know of the process is wanted then, more than ever.
 */
function readSeldom<Reading>(read: () => Promise<Reading>): () => Promise<Reading | undefined> {
  let reading: Promise<Reading> | undefined;
  let readAt = 0;
  return () => {
    if (reading === undefined || performance.now() - readAt > readingKeptMilliseconds) {
      readAt = performance.now();
      reading = read();
      reading.catch(() => {
        reading = undefined;
      });
    }
    return Promise.race([reading.catch(() => undefined), delay(readWithin, undefined, { ref: false })]);
  };
}
