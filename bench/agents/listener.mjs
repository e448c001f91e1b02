// An agent with a screen of its own, as the real ones: raw mode, bracketed paste. It writes down when it had which line
// (BENCH_LOG: milliseconds of the wall clock, a blank, the line), and ends when told to.
import { appendFileSync } from "node:fs";

const log = (line) => appendFileSync(process.env.BENCH_LOG, `${performance.timeOrigin + performance.now()} ${line}\n`);

process.stdin.setRawMode?.(true);
process.stdin.setEncoding("utf8");
process.stdout.write("\u001b[?2004hlistening\r\n");
let text = "";
process.stdin.on("data", (chunk) => {
  text += chunk;
  const lines = text.split("\r");
  text = lines.pop() ?? "";
  for (const line of lines) {
    const plain = line.replaceAll("\u001b[200~", "").replaceAll("\u001b[201~", "");
    log(plain);
    process.stdout.write(`got: ${plain.slice(0, 40)}\r\n`);
    if (plain.startsWith("exit ")) {
      log("exits");
      process.exit(Number(plain.slice(5)));
    }
  }
});
log("start");
