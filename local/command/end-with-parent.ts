/** Loaded before the simulator: when the cloud is killed, its factory ends too instead of publishing on for ever. */
const checkEveryMs = 1000;
const parentId = process.ppid;

setInterval(() => {
  if (process.ppid !== parentId) process.kill(process.pid, 'SIGINT');
}, checkEveryMs).unref();
