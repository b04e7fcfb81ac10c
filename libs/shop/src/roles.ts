/**
 * The roles of callers, as their tokens state them:
 *
 * - customer   orders on account, and sees their own account and orders
 * - barista    claims tickets and sees the board
 * - display    follows the board, for a screen in the shop
 * - supplier   no route names it yet: it is reserved for deliveries to a store
 * - engineer   may call every route
 *
 * A guest has no token: orders, and follows the order by its unguessable id.
 */
export const roles = ["customer", "barista", "display", "supplier", "engineer"] as const;

export type Role = (typeof roles)[number];
