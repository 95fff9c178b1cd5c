/** Preloaded into each process of the application: it ends in order when who started it is gone, killed even. */
process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
// Listening must not keep a process that is done.
process.channel?.unref();
