import { get } from "node:http";
import type { DoctorRow } from "@agent-orchestrator/core/protocol/results";
import type { App } from "../app.ts";
import { placesOf } from "../webhooks/places.ts";
import { SERVER } from "../webhooks/receiver.ts";

const TIMEOUT_MS = 2_000;

/** Whether deliveries to the port of each webhook reach this daemon. */
export async function webhookRows(app: App): Promise<DoctorRow[]> {
  return Promise.all(
    placesOf(app).map(async ({ project, path, port }): Promise<DoctorRow> => {
      const area = `project ${project.id}`;
      const address = `http://127.0.0.1:${port}${path}`;
      const found = await whoAnswers(address);
      if (found === "us") return { area, level: "ok", text: `webhooks are taken at ${address}` };
      const text =
        found === "nobody"
          ? `webhooks: nothing listens on port ${port} yet`
          : `webhooks: port ${port} is taken by another program`;
      const hint =
        found === "nobody"
          ? "Wait a few seconds and run `ao doctor` again. `ao logs` says why it cannot listen."
          : `End that program, or give \`scm.webhook.port\` of ${project.id} another port.`;
      return { area, level: "warning", text, hint };
    }),
  );
}

function whoAnswers(address: string): Promise<"us" | "another" | "nobody"> {
  return new Promise((resolve) => {
    const asking = get(address, { timeout: TIMEOUT_MS }, (response) => {
      response.resume();
      resolve(response.headers.server === SERVER ? "us" : "another");
    });
    asking.on("timeout", () => asking.destroy());
    asking.on(
      "error",
      ({ code }: NodeJS.ErrnoException) => resolve(code === "ECONNREFUSED" ? "nobody" : "another"), // It does not speak HTTP, or does not answer.
    );
  });
}
