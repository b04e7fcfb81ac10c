import { runService } from "./run-service.ts";
import { manifest, tiny } from "./tiny-service.fixture.ts";

await runService(manifest, tiny);
