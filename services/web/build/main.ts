import { pagesFolder } from "../src/pages/pages-folder.ts";
import { buildPages } from "./build-pages.ts";

// Builds the pages: npm run build -w services/web. A folder as argument takes the place of the checkout's own.

await buildPages(process.argv[2] ?? pagesFolder());
