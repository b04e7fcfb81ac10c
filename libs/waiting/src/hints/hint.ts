import { z } from "zod";

const hint = z.object({
  id: z.string(),
  version: z.number(),
  /** The status at that version; a receiver can skip the read when the status does not matter to it. */
  status: z.string().exactOptional(),
  /** The trace of the change, in the format of the process's propagator. Absent without tracing. */
  trace: z.record(z.string(), z.string()).exactOptional(),
});

/** "This id is now at this version." The receiver reads the table, because the hint itself proves nothing. */
export type Hint = z.infer<typeof hint>;

const message = z.object({
  hints: z.array(hint).default([]),
  /** The id of an instance that has just opened. The receiver sends it hints from now on. */
  hello: z.string().exactOptional(),
});

/** The content of one message between mailboxes. */
export type HintMessage = z.infer<typeof message>;

/** A body that cannot be read counts as an empty message, because any client with the right to send may have sent it. */
export function readMessage(body: string): HintMessage {
  try {
    const parsed = message.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : { hints: [] };
  } catch {
    return { hints: [] };
  }
}
