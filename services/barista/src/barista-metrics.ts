import { type Registry, readSeldom } from "@doubleshot/service-kit";
import { Counter, Gauge, Histogram } from "prom-client";
import type { BarSettings } from "./bar-settings.ts";
import type { Board } from "./board/board.ts";
import { wholeLane } from "./board/read-board.ts";
import type { AssignTickets } from "./claims/assign-tickets.ts";
import type { Ticket } from "./ticket/ticket.ts";
import type { TicketChange, TicketNotifier } from "./ticket/ticket-notifier.ts";
import type { TicketStore } from "./ticket/ticket-store.ts";

const secondsBuckets = [0.1, 0.5, 1, 5, 15, 30, 60, 120, 300, 600, 1_800];

export interface BarMetricsParts {
  readonly store: TicketStore;
  readonly bar: BarSettings;
  readonly notifier: TicketNotifier;
  readonly claims: AssignTickets;
  readonly board: Board;
}

/**
 * Reports the bar's metrics: the line and the age of its oldest ticket, the time that customers and baristas take, and lost
 * claims. The line is the same at every instance; each instance counts the rest for itself.
 */
export function measureBar(registry: Registry, { store, bar, notifier, claims, board }: BarMetricsParts): void {
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
    help: "Age of the oldest ticket in the line; 0 when there is none. The same at every instance.",
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
    help: "Baristas that wait at this instance for a ticket.",
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
  countChanges(registry, notifier, bar);
}

function countChanges(registry: Registry, notifier: TicketNotifier, bar: BarSettings): void {
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
    help: "Time from the queueing of a ticket to each of its claims.",
    buckets: secondsBuckets,
    registers,
  });
  const brewed = new Histogram({
    name: "barista_brew_seconds",
    help: "Time from the claim of a ticket to its finish.",
    buckets: secondsBuckets,
    registers,
  });
  const since = (instant: string) => Math.max(0, (bar.now().getTime() - Date.parse(instant)) / 1000);
  notifier.onChange(({ outcome, ticket }: TicketChange) => {
    changeCounter.inc({ what: outcome });
    if (outcome === "claimed" && ticket.status === "STARTED") waited.observe(since(ticket.queuedAt));
    if (outcome === "finished" && ticket.status === "FINISHED") brewed.observe(since(ticket.startedAt));
  });
}

type Open<Status> = Extract<Ticket, { status: Status }>;

async function readLine(store: TicketStore, bar: BarSettings) {
  const [queued, started] = await Promise.all([
    wholeLane((cut) => store.waiting(bar.name, cut)),
    wholeLane((cut) => store.leased(bar.name, cut)),
  ]);
  return {
    queued: queued.filter((ticket): ticket is Open<"QUEUED"> => ticket.status === "QUEUED"),
    started: started.filter((ticket): ticket is Open<"STARTED"> => ticket.status === "STARTED"),
  };
}
