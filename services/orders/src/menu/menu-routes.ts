import { Api } from "@doubleshot/service-kit";
import { z } from "zod";
import { menu } from "./menu.ts";

const menuJson = z.object({
  items: z.array(z.object({ sku: z.string(), name: z.string(), price: z.int().describe("In whole minor units.") })),
});

/** The menu, with the prices that orders on account pay. */
export function menuApi(): Api {
  const api = new Api("menu");
  api.handle(
    {
      id: "getMenu",
      method: "get",
      path: "/menu",
      summary: "The items that have a price",
      access: "public",
      answers: { 200: { description: "The menu.", schema: menuJson } },
    },
    (_, response) => {
      response.json({ items: menu });
    },
  );
  return api;
}
