import { appendFileSync } from "node:fs";
import { scenario } from "./support/scenario.ts";

scenario({
  name: "probe sse",
  needs: "queue",
  options: { scripts: ["%%write a.txt|hi ;; %%say one"] },
  async play(box) {
    await box.begin();
    for (let at = 0; at < 4; at += 1) {
      await box.say("app-1", `message ${at}: %%say two ${at}`);
      await box.untilHeard(`message ${at}:`);
      await box.untilResting("app-1");
      await new Promise((r) => setTimeout(r, 2500));
    }
    for (const conv of box.model.truth.conversations.values())
      for (const m of conv.moments) appendFileSync("/tmp/errors/sse.log", `${m.atMs} TRUTH ${m.state} ${m.why}\n`);
  },
});
