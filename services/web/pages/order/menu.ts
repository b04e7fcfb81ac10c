/** The coffees that the page offers. The first one is chosen until the customer chooses another. */
export const menu = ["americano", "cappuccino", "cortado", "espresso", "flat-white", "latte", "mocha", "tea"] as const;
