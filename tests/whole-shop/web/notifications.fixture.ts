import type { Page } from "playwright-core";

/** Grants the page notifications, and records each instead of showing it. */
export async function recordNotifications(page: Page): Promise<void> {
  await page.evaluate(`
    globalThis.shown = [];
    globalThis.Notification = class {
      static permission = "granted";
      static requestPermission = async () => "granted";
      constructor(title, { body }) { shown.push([title, body]); }
    };
  `);
}

/** The title and the text of each recorded notification. */
export const shownNotifications = (page: Page): Promise<[string, string][]> => page.evaluate("shown");
