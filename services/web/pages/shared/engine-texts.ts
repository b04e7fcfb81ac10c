/** Every text of the engine room, in English, as in `texts.ts`. */
export const engineTexts = {
  title: "Engine room",
  hint: "An event's way from its commit to the caller that waits for it, as tables, queues and metrics show it.",
  cancel: "Do nothing",
  failing: (detail: string) => `${detail} The figures below are the last ones; new ones come by themselves.`,
  count: (value: number) => value.toLocaleString(),
  rate: (value: number) => `${value.toLocaleString(undefined, { maximumFractionDigits: value < 10 ? 1 : 0 })}/s`,
  duration: (ms: number) => {
    if (ms < 1_000) return `${Math.round(ms)} ms`;
    if (ms < 60_000) return `${(ms / 1_000).toFixed(ms < 10_000 ? 1 : 0)} s`;
    return `${Math.floor(ms / 60_000)} min`;
  },
  pipeline: {
    title: "The way of an event",
    hint: "Rates are over the last five seconds. Tables are read every four seconds. Deliveries are counted since each process started.",
  },
  stages: {
    commit: { name: "Commit", hint: "State and event in one transaction", rate: "commits", lag: "takes", backlog: "" },
    outbox: { name: "Outbox", hint: "Rows, kept for a week", rate: "", lag: "", backlog: "rows" },
    stream: { name: "Stream", hint: "Events that no queue has yet", rate: "", lag: "oldest", backlog: "waiting" },
    relay: { name: "Relay", hint: "Publishes in order", rate: "", lag: "took", backlog: "parked" },
    topic: {
      name: "Topic",
      hint: "A delivery for each subscriber",
      rate: "deliveries",
      lag: "",
      backlog: "undelivered",
    },
    queues: { name: "Queues", hint: "One for each subscriber", rate: "receives", lag: "oldest", backlog: "waiting" },
    inboxes: {
      name: "Inboxes",
      hint: "Each delivery takes effect once",
      rate: "handled",
      lag: "took",
      backlog: "dead",
    },
    waiters: { name: "Waiters", hint: "Customers and baristas", rate: "customers", lag: "waited", backlog: "waiting" },
  },
  deliveries: {
    handled: "deliveries handled",
    duplicates: "duplicates recognised",
    retries: "deliveries repeated",
    failures: "handlers failed",
  },
  charts: {
    commits: "Commits",
    beforeTopic: "Events before the topic",
    queued: "Messages in queues",
    handled: "Deliveries handled",
    waiting: "Callers that wait",
  },
  chart: (name: string, now: string, top: string) => `${name} over the last minutes: ${now} now, ${top} at most`,
  faults: {
    title: "Break something",
    hint: "On this machine alone. Order a coffee, break the shop, and watch the order arrive all the same.",
    next: { message: "The next message to a subscriber", hint: "The next hint between processes" },
    nextOne: { message: "the next message", hint: "the next hint" },
    duplicate: "Deliver twice",
    delay: "Delay by 3 s",
    drop: "Lose",
    deliver: (fault: string, which: string) => `${fault}: ${which}`,
    deliveryHint: {
      message: "A lost message is delivered again after 30 s.",
      hint: "Hints go between several processes of a service. Without one, a sweep finds the change.",
    },
    armed: (faults: readonly string[], which: string) => `Set for ${which}: ${faults.join(", ").toLowerCase()}.`,
    relays: "Relays",
    killRelays: "Kill the relays",
    stopRelays: "Stop the relays",
    startRelays: "Start the relays",
    relaysStopped: "Stopped: events wait in the stream.",
    relaysRunning: (running: number, all: number) =>
      running === all ? `${all} relays run.` : `${running} of ${all} relays run. A relay starts with its next event.`,
    awsDown: "The embedded AWS is starting.",
    processes: "Processes",
    processesHint: "kill -9. The supervisor starts each of them again.",
    kill: (name: string) => `Kill ${name}`,
    starting: (name: string) => `${name} is starting`,
    dynamodb: "DynamoDB",
    stall: (seconds: number) => `Stall for ${seconds} s`,
    stalled: "Stalled: it answers nothing.",
    dynamodbHint: "It keeps its connections and answers nothing.",
    rush: "Rush hour",
    orders: "Orders",
    baristas: "Baristas",
    startRush: "Start the rush",
    stopRush: "Stop the rush",
    rushHint: "Each customer waits for one coffee, and gets exactly one.",
    rushRuns: (orders: number) => `${orders.toLocaleString()} customers wait for their coffee.`,
    rushEnded: {
      perfect: "Every customer got exactly one coffee.",
      stopped: "The rush was stopped. Its report says how far it came.",
      failed: "The rush failed. Read its report.",
    },
    log: "What has been broken",
    logEmpty: "Nothing yet.",
    showOrder: (code: string) => `Show order ${code}`,
    done: ({ what, name = "", seconds, event }: FaultInWords) => {
      const message = event === undefined ? "A message" : event.type;
      const texts: Readonly<Record<string, string>> = {
        "message-duplicate": `${message} was delivered twice.`,
        "message-delay": `${message} was delayed by ${seconds} s.`,
        "message-drop": `A delivery of ${message} was lost.`,
        "hint-duplicate": "A hint was delivered twice.",
        "hint-delay": `A hint was delayed by ${seconds} s.`,
        "hint-drop": "A hint was lost.",
        "relays-stop": "The relays were stopped.",
        "relays-start": "The relays were started.",
        "relays-kill": "The relays were killed.",
        "process-kill": `${name} was killed.`,
        stall: `DynamoDB was stalled for ${seconds} s.`,
        rush: "A rush hour began.",
        "rush-stop": "The rush hour was stopped.",
      };
      return texts[what] ?? what;
    },
  },
  journey: {
    title: "An order's journey",
    hint: "Drawn from the stored rows. Choose an order, or enter its id.",
    recent: "Newest orders",
    none: "No orders yet.",
    id: "Order id",
    show: "Show",
    loading: "Reading its rows …",
    unknown: "This order has no rows. Check its id.",
    of: (code: string) => `Order ${code}`,
    state: (kind: string, status: string) => `${kind} ${status}`,
    status: (status: string) => status.toLowerCase(),
    offset: (duration: string) => `+${duration}`,
    what: { commit: "commits", event: "publishes", queued: "receives", handled: "handles", state: "becomes" },
    row: (table: string) => `row in ${table}`,
    receives: (count: number) => `received ${count} times`,
    faults: {
      "message-duplicate": "delivered twice, handled once",
      "message-delay": "delayed",
      "message-drop": "first delivery lost",
    } as Readonly<Record<string, string>>,
    undelivered: {
      parked: (type: string, subscriber: string) => `${type} is parked before it can reach ${subscriber}.`,
      dead: (type: string, subscriber: string) => `${subscriber} has given ${type} up.`,
      neither: (type: string, subscriber: string) => `${type} has not reached ${subscriber} yet.`,
    },
  },
  parkedAndDead: {
    title: "Parked and dead",
    hint: "Events that SNS refuses are parked, messages that a handler refuses are dead. Later ones of the same order wait behind them.",
    none: "Nothing is parked, and nothing is dead.",
    read: "Read the lists again",
    reading: "Reading …",
    show: "Show",
    parked: (aggregate: string, rows: number) => `${aggregate}: ${rows === 1 ? "1 row" : `${rows} rows`} parked`,
    parkedSince: (time: string) => `since ${time}`,
    left: "An interrupted retry has left these rows. A retry deletes them.",
    version: (version: number) => `Version ${version}`,
    retry: "Retry",
    retryQuestion: (aggregate: string) => `Publish everything of ${aggregate} that is parked, in order?`,
    drop: "Drop",
    dropQuestion: (aggregate: string, version: number) =>
      `Delete version ${version} of ${aggregate} for good? Its events will never be published.`,
    dead: (type: string, subscriber: string) => `${type}: given up by ${subscriber}`,
    deadSince: (aggregate: string, time: string, attempts: number | undefined) =>
      `${aggregate}, since ${time}${attempts === undefined ? "" : `, after ${attempts === 1 ? "1 attempt" : `${attempts} attempts`}`}`,
    unreadable: "An unreadable message",
    undelivered: "SNS could not deliver it to the queue.",
    redrive: "Redrive",
    redriveQuestion: (aggregate: string) => `Send all dead letters of ${aggregate} back to their subscriber, in order?`,
    dropLetterQuestion: (type: string, aggregate: string) =>
      `Delete this ${type || "message"} for good, and send the other letters of ${aggregate} back?`,
    more: (count: number, subscriber: string) =>
      `${count === 1 ? "1 more letter" : `${count} more letters`} of ${subscriber}: behind these, or with another reader.`,
    failed: (detail: string) => `That did not work. ${detail}`,
    nothingRedriven: "There was nothing to send back.",
    outcome: (aggregate: string, outcome: string, reason = "") => {
      const texts: Readonly<Record<string, string>> = {
        released: `${aggregate} is published and released.`,
        refused: `${aggregate} stays parked. ${reason}`,
        "not-parked": `${aggregate} is not parked any more.`,
        dropped: `The row of ${aggregate} is deleted.`,
        "dropped-and-released": `The last row of ${aggregate} is deleted, and it is released.`,
        "not-found": `The row of ${aggregate} was gone already.`,
      };
      return texts[outcome] ?? outcome;
    },
    redriven: ({ aggregate, sent, dropped, outcome, reason = "" }: RedrivenInWords) => {
      const counted = `${sent} sent back${dropped === 0 ? "" : `, ${dropped} deleted`}`;
      const texts: Readonly<Record<string, string>> = {
        redriven: `${aggregate}: ${counted}.`,
        "failed-again": `${aggregate} failed again (${counted}). ${reason}`,
        unfinished: `${aggregate} is not finished (${counted}): ${reason}.`,
      };
      return texts[outcome] ?? outcome;
    },
  },
  links: {
    title: "Look further",
    inspector: "DynamoDB Admin",
    answers: "answers",
    silent: "does not answer",
    of: (page: string, service: string) => `${page} of ${service}`,
  },
};

interface FaultInWords {
  readonly what: string;
  readonly name?: string;
  readonly seconds?: number;
  readonly event?: { readonly type: string };
}

interface RedrivenInWords {
  readonly aggregate: string;
  readonly sent: number;
  readonly dropped: number;
  readonly outcome: string;
  readonly reason?: string;
}
