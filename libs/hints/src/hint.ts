import { z } from "zod";

const hint = z.object({
  id: z.string(),
  version: z.number(),
  /** What it is said to be now, for those who need not look at everything. */
  status: z.string().exactOptional(),
});

/** "Look at this: it is at this version." Whoever gets one reads the table; the hint itself proves nothing. */
export type Hint = z.infer<typeof hint>;

const message = z.object({
  hints: z.array(hint).default([]),
  /** The address of an instance that has just opened, and wants to be told from now on. */
  hello: z.string().exactOptional(),
});

/** What goes from mailbox to mailbox in one message. */
export type HintMessage = z.infer<typeof message>;

/** What is no message is an empty one: the queue is ours, but anybody who may send to it could have sent it. */
export function readMessage(body: string): HintMessage {
  try {
    const parsed = message.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : { hints: [] };
  } catch {
    return { hints: [] };
  }
}
