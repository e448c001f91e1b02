/**
 * Names a place where tests of recovery can make the process die: `AO_FAILPOINT=start.after-workspace` kills it there
 * as `kill -9` would. Without the variable this does nothing.
 */
export function failpoint(name: string): void {
  if (process.env.AO_FAILPOINT !== name) return;
  process.kill(process.pid, "SIGKILL");
  // The signal is delivered when this thread next enters the kernel: nothing after this line may run.
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
}
